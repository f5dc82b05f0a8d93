import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site with two pages that are tracked. */
export interface Shop {
  readonly origin: string;
  /** Fills in where the tracker's events go. */
  setIngest(endpoint: string, apiKey: string): void;
  close(): void;
}

/** Value that a visitor types, and that must not be sent. */
export const typedText = 'ana.sousa@example.com';

/** Starts the site on 127.0.0.1. @param script path of the tracker's file for script tags */
export async function startShop(script: string): Promise<Shop> {
  const tracker = readFileSync(script);
  let attributes = '';
  let ingest = '';
  const page = (title: string, body: string): string => `<!doctype html>
    <html lang="en"><title>${title}</title>
    <script src="/tracker.js" ${attributes}></script>
    <button id="agree" onclick="sluice.consent(true)">You may count my visit</button>
    <button id="refuse" onclick="sluice.consent(false)">You may not</button>
    ${body}</html>`;
  const pages: Readonly<Record<string, () => string>> = {
    '/': () =>
      page(
        'Shop',
        `<a id="basket" href="/basket?visitor=17">Basket</a>
         <button data-track="buy" type="button">Buy</button>
         <form id="mail" action="/thanks?next=1" onsubmit="event.preventDefault()">
           <input name="email"><button id="send">Send</button>
         </form>`,
      ),
    '/basket': () => page('Basket', '<p>Empty.</p>'),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    if (pathname === '/tracker.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(tracker);
      return;
    }
    const body = pages[pathname];
    // The policy that the README requires of a site, plus inline scripts for the buttons of this page.
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src ${ingest}; form-action 'self'`,
    );
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.writeHead(body ? 200 : 404).end(body?.() ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setIngest: (endpoint, apiKey) => {
      ingest = endpoint;
      attributes = `data-endpoint="${endpoint}" data-api-key="${apiKey}"`;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
