export { ThriftReader, thriftType } from './thrift-reader';
export { readThrift, writeThrift, type ThriftStruct, type ThriftValue } from './thrift-value';
