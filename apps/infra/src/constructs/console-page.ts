import { contentSecurityPolicy, securityHeaders } from '@sluice/console/security-headers';
import { Aws, DefaultStackSynthesizer, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../deployment';
import { ServiceRole } from './service-role';

export interface ConsolePageProps {
  readonly deployment: Deployment;
  /** API for paths below `/api/`. */
  readonly api: RestApiBase;
  /** Origin of the sign-in pages, from which the page requests a token. */
  readonly signInOrigin: string;
}

/**
 * The console's files in a private bucket, and the only distribution that may read it. The distribution also passes
 * on `/api/…`.
 */
export class ConsolePage extends Construct {
  /** Address of the page, with its final slash. */
  readonly url: string;
  private readonly bucket: Bucket;
  private readonly distribution: Distribution;
  private readonly deployment: Deployment;

  constructor(scope: Construct, id: string, { deployment, api, signInOrigin }: ConsolePageProps) {
    super(scope, id);
    this.deployment = deployment;
    const { stage } = deployment.settings;
    this.bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // A build recreates everything in it.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const responseHeadersPolicy = this.headers(signInOrigin);
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `The console, Sluice ${stage}`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy,
      },
      additionalBehaviors: {
        '/api/*': {
          origin: new HttpOrigin(`${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
            originPath: `/${stage}`,
            protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
            // API Gateway gives up after 29 seconds.
            readTimeout: Duration.seconds(30),
          }),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          responseHeadersPolicy,
        },
      },
    });
    this.url = `https://${this.distribution.distributionDomainName}/`;
  }

  /** Returns the headers of every answer: those of a laptop, and one that requires HTTPS. */
  private headers(signInOrigin: string): ResponseHeadersPolicy {
    const override = true;
    return new ResponseHeadersPolicy(this, 'Headers', {
      comment: `The console, Sluice ${this.deployment.settings.stage}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy([signInOrigin]),
          override,
        },
        contentTypeOptions: { override },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          override,
        },
      },
      customHeadersBehavior: {
        customHeaders: Object.entries(securityHeaders)
          .filter(([header]) => !headersOfCloudFront.has(header))
          .map(([header, value]) => ({ header, value, override })),
      },
    });
  }

  /**
   * Copies the built page into the bucket, with its configuration.
   *
   * @param config must not hold secrets, because anybody may read it
   * @throws where the page has not been built
   */
  publish(config: object): void {
    const { bundlesFolder, settings } = this.deployment;
    const folder = join(bundlesFolder, 'console');
    if (!existsSync(join(folder, 'index.html')))
      throw new Error('dist/apps/console/index.html is missing: run "npx nx build console"');
    const logGroup = new LogGroup(this, 'PublisherLogs', {
      retention: settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new ServiceRole(this, 'PublisherRole', {
      service: 'lambda',
      description: "Copies the console's files into its bucket",
    });
    role.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    role.allow(['s3:GetObject'], [deployedAssets]);
    role.allow(['s3:GetBucketTagging', 's3:ListBucket'], [this.bucket.bucketArn]);
    role.allow(
      ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      [this.bucket.arnForObjects('*')],
    );
    role.allow(
      ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
      [this.distribution.distributionArn],
    );
    new BucketDeployment(this, 'Publish', {
      sources: [Source.asset(folder), Source.jsonData('config.json', config)],
      destinationBucket: this.bucket,
      distribution: this.distribution,
      // Browsers and the distribution revalidate every file; all files together are small.
      cacheControl: [CacheControl.noCache()],
      prune: true,
      retainOnDelete: false,
      memoryLimit: 512,
      // The construct itself would add permissions with wildcards that it does not need.
      role: role.withoutPolicyUpdates(),
      logGroup,
    }).node.addDependency(role);
  }
}

/** Headers that CloudFront only accepts as settings of their own, above, and refuses as custom headers. */
const headersOfCloudFront = new Set([
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
]);

/**
 * ARN of the objects that a deployment uploads. The bucket's name is that of CDK's own bootstrap (CDK guide:
 * bootstrapping-env).
 */
const deployedAssets = `arn:${Aws.PARTITION}:s3:::cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-${Aws.ACCOUNT_ID}-${Aws.REGION}/*`;
