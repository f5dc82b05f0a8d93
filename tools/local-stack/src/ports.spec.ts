import { createServer, type AddressInfo } from 'node:net';
import { checkPorts, listenFault, portFault, PortRefusedError, PortTakenError } from './ports';

test.each([
  [
    'EADDRINUSE',
    PortTakenError,
    'port 80 (ingest) is taken; free it or choose other ports with --port',
  ],
  [
    'EACCES',
    PortRefusedError,
    'port 80 (ingest) is for privileged users only; choose ports above 1023 with --port',
  ],
  ['EADDRNOTAVAIL', PortRefusedError, "port 80 (ingest) can't be used: not there"],
])('a port that gives %s is refused with the way out', (code, type, message) => {
  const fault = portFault(Object.assign(new Error('not there'), { code }), 80, 'ingest');
  expect(fault).toBeInstanceOf(type);
  expect(fault.message).toBe(message);
});

test('a port that another program took after it was found free is named too', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const error = await new Promise((resolve) => {
    createServer().once('error', resolve).listen(port, '127.0.0.1');
  });
  await new Promise((resolve) => other.close(resolve));
  const fault = listenFault(error, { s3: port - 1, icebergCatalog: port });
  expect(fault).toEqual(new PortTakenError(port, 'icebergCatalog'));
  const unrelated = new Error('no listening');
  expect(listenFault(unrelated, {})).toBe(unrelated);
});

test('a port that another program has is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(checkPorts({ s3: port })).rejects.toThrow(`port ${port} (s3) is taken`);
  await new Promise((resolve) => other.close(resolve));
  await expect(checkPorts({ s3: port })).resolves.toBeUndefined();
});
