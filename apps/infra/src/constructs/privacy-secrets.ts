import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { secretNames } from '@sluice/privacy';

/** Names the first key of a secret. To rotate it, add another key and name that in `current`. */
const firstKey = { current: '1' };

/**
 * The keys for hashing personal values, for encrypting failed records and for the ledger of erased people. They have their own KMS key, so that the
 * permission to read the lake does not include them.
 */
export class PrivacySecrets extends Construct {
  readonly key: Key;

  constructor(
    scope: Construct,
    id: string,
    { stage, removalPolicy }: { readonly stage: string; readonly removalPolicy: RemovalPolicy },
  ) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      alias: `sluice/${stage}/privacy`,
      description: `Encrypts the secrets of privacy of Sluice ${stage}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    const names = secretNames(stage);
    this.secret(
      'Hash',
      names.hash,
      'Keys of the hashes that stand for values of people',
      removalPolicy,
    );
    this.secret('Errors', names.errors, 'Keys that failed records are sealed with', removalPolicy);
    this.secret('Ledger', names.ledger, 'Keys of the ledger of erased people', removalPolicy);
  }

  private secret(
    id: string,
    name: string,
    description: string,
    removalPolicy: RemovalPolicy,
  ): void {
    new CfnSecret(this, id, {
      name,
      description,
      kmsKeyId: this.key.keyArn,
      generateSecretString: {
        secretStringTemplate: JSON.stringify(firstKey),
        generateStringKey: firstKey.current,
        passwordLength: 64,
        excludePunctuation: true,
      },
    }).applyRemovalPolicy(removalPolicy);
  }
}
