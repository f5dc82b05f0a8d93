import { InvalidArgumentError } from 'commander';
import type { BenchReport } from './bench-report';

/** Prints the report of a bench. Every bench's command gets this function. */
export type ShowReport = (report: BenchReport) => void;

/** Reads an option's value: a whole number of at least 1. */
export const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number of at least 1 is needed');
  return value;
};
