// What jsdom lacks of a browser's globals, as far as the tests of this folder need it. Import it first.
import { TextDecoder, TextEncoder } from 'node:util';

/** An answer as far as the ingest client reads it. */
class Answer {
  readonly headers = new Headers();
  readonly status: number;
  constructor(
    private readonly body: string | null,
    { status = 200 }: { readonly status?: number } = {},
  ) {
    this.status = status;
  }
  text = (): Promise<string> => Promise.resolve(this.body ?? '');
}

Object.assign(globalThis, { Response: Answer, TextDecoder, TextEncoder });
