import findMyWay from 'find-my-way';
import { compileMethod, type GatewayMethod } from './gateway-method';
import { documentedMethods, RestApiDocumentError, type RestApiDocument } from './rest-api-document';

export interface Route {
  readonly method: GatewayMethod;
  /** Path parameters, percent-decoded, by name. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export type FindRoute = (httpMethod: string, path: string) => Route | undefined;

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type HttpMethod = (typeof allMethods)[number];

/**
 * Returns a function that finds the method of a request as API Gateway does. A literal path segment takes precedence
 * over a parameter, a parameter over a greedy one, and a method over the path's catch-all.
 *
 * @throws RestApiDocumentError where two paths can't be told apart
 */
export function compileRoutes(document: RestApiDocument): FindRoute {
  const router = findMyWay({
    ignoreTrailingSlash: true,
    maxParamLength: 10_000,
    onBadUrl: () => undefined,
  });
  // Catch-alls last, so that they only serve the remaining methods.
  const documented = documentedMethods(document).toSorted(
    (a, b) => Number(a.httpMethod === 'ANY') - Number(b.httpMethod === 'ANY'),
  );
  for (const entry of documented) {
    const method = compileMethod(document, entry);
    const route = routeOf(entry.path);
    const names = entry.httpMethod === 'ANY' ? allMethods : [entry.httpMethod as HttpMethod];
    for (const name of names) {
      if (entry.httpMethod === 'ANY' && router.hasRoute(name, route)) continue;
      try {
        router.on(name, route, () => undefined, { method });
      } catch (cause) {
        throw new RestApiDocumentError(
          `${name} ${entry.path} can't be served: ${(cause as Error).message}`,
          { cause },
        );
      }
    }
  }
  return (httpMethod, path) => {
    const found = router.find(httpMethod as HttpMethod, path);
    const method = (found?.store as { method: GatewayMethod } | undefined)?.method;
    return found && method
      ? { method, pathParameters: namedParameters(method, found.params) }
      : undefined;
  };
}

/** Converts a path of the document to the router's form: `/a/{b}/{c+}` → `/a/:b/*`. */
const routeOf = (path: string): string =>
  path
    .replaceAll(':', '::')
    .replace(/\{[^}]+\+\}/g, '*')
    .replace(/\{([^}]+)\}/g, ':$1');

/** Renames the router's `*` to the name of the greedy parameter in the document. */
function namedParameters(
  { resourcePath }: GatewayMethod,
  params: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const greedy = /\{([^}]+)\+\}/.exec(resourcePath)?.[1];
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name === '*' && greedy !== undefined ? greedy : name,
      value ?? '',
    ]),
  );
}
