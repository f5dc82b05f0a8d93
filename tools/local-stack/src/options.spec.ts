import { CommandLineExit } from '@sluice/terminal/command-line';
import { parseOptions } from './options';

const parse = (...args: string[]) => {
  let out = '';
  let err = '';
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  try {
    return { options: parseOptions({ args, stdout, stderr }), out, err, exitCode: undefined };
  } catch (error) {
    if (!(error instanceof CommandLineExit)) throw error;
    return { options: undefined, out, err, exitCode: error.exitCode };
  }
};

describe('parseOptions', () => {
  test('has a default for everything', () => {
    expect(parse().options).toEqual({
      port: 4600,
      dataDir: '.sluice',
      ingest: undefined,
      once: false,
      allowFailed: false,
      bufferMs: 5000,
      s3LatencyMs: 0,
      sample: true,
      open: false,
      assembly: undefined,
      streamLimits: false,
      allowedOrigins: [],
    });
  });

  test('leaves the interval to the templates where nobody looks on', () => {
    expect(parse('--once').options).toMatchObject({ bufferMs: undefined });
    expect(parse('--once', '--allow-failed').options).toMatchObject({ allowFailed: true });
  });

  test('takes origins one by one, and nothing that is none', () => {
    const { options } = parse(
      '--allow-origin',
      'http://a.example:1',
      '--allow-origin',
      'https://b/',
    );
    expect(options?.allowedOrigins).toEqual(['http://a.example:1', 'https://b']);
    for (const wrong of ['*', 'a.example', 'null', 'https://a.example/path', 'file:///x'])
      expect(parse('--allow-origin', wrong)).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('http://localhost:5173'),
      });
  });

  test('takes a file with its event type', () => {
    expect(
      parse(
        '--once',
        '--ingest',
        'a.json',
        '--event',
        'order',
        '--key',
        'id',
        '--type',
        'price=double',
        '--type',
        'a.b=c=string',
        '--buffer-seconds',
        '2',
      ).options,
    ).toMatchObject({
      once: true,
      bufferMs: 2000,
      ingest: {
        file: 'a.json',
        event: 'order',
        key: 'id',
        identity: undefined,
        types: { price: 'double', 'a.b=c': 'string' },
      },
    });
  });

  test.each([
    [['--port', 'x'], /A port is a number from 1 to 65526/],
    [['--port', '70000'], /A port is a number/],
    [['--buffer-seconds', '-1'], /An interval is a number/],
    [['--ingest', 'a.json'], /--ingest needs --event/],
    [['--key', 'id'], /--key needs --ingest/],
    [['--type', 'price=double'], /--type needs --ingest/],
    [['--type', 'price'], /a field and one of bigint, double, boolean, string/],
    [['--nonsense'], /unknown option/],
    [['nonsense'], /too many arguments/],
  ])('refuses %j with a sentence', (args, message) => {
    const { err, exitCode } = parse(...args);
    expect(exitCode).toBe(1);
    expect(err).toMatch(message);
  });

  test('--help names every option and ends well', () => {
    const { out, exitCode } = parse('--help');
    expect(exitCode).toBe(0);
    for (const option of [
      'port',
      'data-dir',
      'ingest',
      'event',
      'key',
      'identity',
      'type',
      'once',
      'buffer-seconds',
      's3-latency',
      'no-sample',
    ])
      expect(out).toContain(`--${option}`);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
