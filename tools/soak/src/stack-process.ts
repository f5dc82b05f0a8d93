// The process that is killed: the local stack, with faults at its boundaries until it is told to end them.
import { seededRandom } from '@sluice/event-types/samples';
import { dataDirCredentials, openDataDir } from '@sluice/lake';
import { portsFrom, startLocalStack, type LocalStack } from '@sluice/local-stack';
import { stageAssembly } from '@sluice/infra/synthesise';
import { FaultDice } from './fault-dice';
import { faultyFunction } from './function-faults';
import { faultyKinesis } from './faulty-kinesis';
import { s3Faults } from './s3-faults';
import type {
  FaultShares,
  FromStack,
  StackCommand,
  StackSettings,
  ToStack,
} from './stack-messages';
import { faultyWorld } from './world-faults';

// Node 20 is supported until the SDK drops it; the SDK's warning would only distract here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const tell = (message: FromStack): void => void process.send?.(message);

const {
  dataDir: folder,
  assembly = stageAssembly('dev'),
  port,
  seed,
  faultShares,
  bufferMs,
} = JSON.parse(process.argv[2] ?? '{}') as StackSettings;
const onFault = (kind: string): void => tell({ type: 'fault', kind });
const choices = seededRandom(seed);
const diceOf = (boundary: keyof FaultShares): FaultDice =>
  new FaultDice({
    // Each boundary has its own sequence, so that the calls over one don't shift the faults of another.
    random: seededRandom(choices.integer(0, 2 ** 32 - 1)),
    share: faultShares[boundary],
    onFault,
  });
const s3Dice = diceOf('s3');
const s3 = s3Faults(s3Dice);
const kinesisDice = diceOf('kinesis');
const functionDice = diceOf('function');

const dataDir = openDataDir(folder);
const stack = await startLocalStack({
  assembly,
  dataDir,
  credentials: dataDirCredentials(dataDir),
  ports: portsFrom(port),
  bufferMs,
  // As far away as S3, so that a kill finds requests under way.
  s3LatencyMs: 30,
  warn: () => undefined,
  faults: {
    s3: s3.fault,
    aroundKinesis: (kinesis) => faultyKinesis(kinesis, kinesisDice, choices),
    aroundFunction: faultyFunction(functionDice, choices),
  },
});
void stack.failed.then((error) => {
  console.error(error);
  process.exit(1);
});

const obey = async (command: StackCommand, running: LocalStack): Promise<unknown> => {
  switch (command.do) {
    case 'calm':
      for (const dice of [s3Dice, kinesisDice, functionDice]) dice.calm();
      return undefined;
    case 'fill-disk':
      faultyWorld().fillDisk(command.forMs, () => onFault('disk full'));
      return undefined;
    case 'hold-errors':
      s3.holdErrors(command.table, (key) => tell({ type: 'errors-held', key }));
      return undefined;
    case 'flush':
      return running.flush();
    case 'invoke': {
      const result = await running.invoke(command.functionName, command.payload);
      if (!result.ok) throw new Error(`${result.errorType}: ${result.message}`);
      return result.payload;
    }
    case 'stop':
      await running.close();
      dataDir.release();
      return undefined;
  }
};

process.on('message', ({ id, command }: ToStack) => {
  obey(command, stack)
    .then(
      (result) => tell({ type: 'done', id, result }),
      (error: unknown) => tell({ type: 'refused', id, message: String(error) }),
    )
    .finally(() => {
      if (command.do === 'stop') process.disconnect();
    });
});
// Nothing is left that could tell this process to stop.
process.on('disconnect', () => process.exit(0));

tell({ type: 'ready', endpoints: stack.endpoints });
