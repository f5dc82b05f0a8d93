import { jsonFault } from './body-text';
import { JsonBody } from './json-body';
import { parseJsonPath } from './json-path';
import { javaText, VelocityTemplate, type VelocityVersion } from './velocity';

/** Parameters of a request, by their location. */
export interface RequestParameters {
  readonly path: Readonly<Record<string, string>>;
  readonly querystring: Readonly<Record<string, string>>;
  readonly header: Readonly<Record<string, string>>;
}

/** Status and headers that a template sets in place of the document's. */
export interface Overrides {
  readonly status: number | undefined;
  /** Header values by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TemplateInput {
  /** Body as text, which is the value of `$input.body`. */
  readonly body: string;
  /** The body, if it has been parsed already. */
  readonly json?: JsonBody | undefined;
  readonly params: RequestParameters;
  /** Values of `$context`: simple values and objects of them. Not modified. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly stageVariables: Readonly<Record<string, string>>;
}

export interface RenderedTemplate {
  readonly text: string;
  readonly response: Overrides;
}

/**
 * Error for a template that reads a body as JSON which is not JSON, or that uses a feature which this emulation
 * lacks.
 */
export class MappingTemplateError extends Error {
  override readonly name = 'MappingTemplateError';
  constructor(
    message: string,
    /** True where the caller's body is at fault, false where the template is. */
    readonly isBadBody: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A VTL mapping template with API Gateway's variables
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html). It is parsed
 * once, and rendering leaves no state behind.
 */
export class MappingTemplate {
  readonly #template: VelocityTemplate;

  constructor(text: string, version?: VelocityVersion) {
    this.#template = new VelocityTemplate(text, version);
  }

  /** Renders the template. @throws MappingTemplateError */
  render({ body, json, params, context, stageVariables }: TemplateInput): RenderedTemplate {
    const responseOverride: { status?: unknown; header: Record<string, unknown> } = { header: {} };
    const requestOverride = { header: {}, path: {}, querystring: {} };
    const text = this.#template.render({
      input: inputVariable(body, json, params),
      util,
      context: { ...context, responseOverride, requestOverride },
      stageVariables,
    });
    return {
      text,
      response: {
        status: responseOverride.status === undefined ? undefined : Number(responseOverride.status),
        headers: Object.fromEntries(
          Object.entries(responseOverride.header).map(([name, value]) => [
            name.toLowerCase(),
            javaText(value),
          ]),
        ),
      },
    };
  }
}

function inputVariable(
  body: string,
  parsed: JsonBody | undefined,
  params: RequestParameters,
): Record<string, unknown> {
  let json = parsed;
  const at = (path: unknown): [JsonBody, ReturnType<typeof pathSteps>] => [
    (json ??= parseBody(body)),
    pathSteps(path),
  ];
  return {
    body,
    json: (path: unknown) => {
      const [document, steps] = at(path);
      return document.jsonAt(steps) ?? '""';
    },
    path: (path: unknown) => {
      const [document, steps] = at(path);
      return document.valueAt(steps);
    },
    params: (name?: string) =>
      name === undefined
        ? params
        : (ownValue(params.path, name) ??
          ownValue(params.querystring, name) ??
          headerValue(params.header, name) ??
          ''),
  };
}

function parseBody(body: string): JsonBody {
  try {
    return JsonBody.parse(body);
  } catch (cause) {
    throw new MappingTemplateError(
      `Could not parse the body into json: ${jsonFault(body, cause)}`,
      true,
      { cause },
    );
  }
}

const knownPaths = new Map<string, NonNullable<ReturnType<typeof parseJsonPath>>>();
const maxKnownPaths = 10_000;

function pathSteps(path: unknown): NonNullable<ReturnType<typeof parseJsonPath>> {
  const text = javaText(path);
  const known = knownPaths.get(text);
  if (known) return known;
  const steps = parseJsonPath(text);
  if (!steps)
    throw new MappingTemplateError(
      `the JsonPath ${text} is beyond this emulation, which knows $.a.b, $['a'] and [3]`,
      false,
    );
  if (knownPaths.size < maxKnownPaths) knownPaths.set(text, steps);
  return steps;
}

const ownValue = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const headerValue = (
  headers: Readonly<Record<string, string>>,
  name: string,
): string | undefined => {
  const wanted = name.toLowerCase();
  return Object.entries(headers).find(([header]) => header.toLowerCase() === wanted)?.[1];
};

const util = {
  escapeJavaScript: (value: unknown) => escapeJavaScript(javaText(value ?? '')),
  parseJson: (text: string) => JsonBody.parse(text).valueAt([]),
  urlEncode: (text: unknown) => new URLSearchParams([['', javaText(text)]]).toString().slice(1),
  urlDecode: (text: unknown) => decodeURIComponent(javaText(text).replaceAll('+', ' ')),
  base64Encode: (text: unknown) => Buffer.from(javaText(text), 'utf8').toString('base64'),
  base64Decode: (text: unknown) => Buffer.from(javaText(text), 'base64').toString('utf8'),
};

const shortEscapes: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\n': '\\n',
  '\t': '\\t',
  '\f': '\\f',
  '\r': '\\r',
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
};

/**
 * Escapes text as `StringEscapeUtils.escapeJavaScript` of Apache Commons Lang 2.6 does, which includes `'` and `/`.
 * The result is ASCII.
 */
const escapeJavaScript = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
    /[\u0000-\u001f'"\\/\u0080-\uffff]/g,
    (character) =>
      shortEscapes[character] ??
      `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
