export { ThriftReader, thriftType } from './thrift-reader';
