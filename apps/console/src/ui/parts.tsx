import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { lineOfPointer } from '../model/line-of-pointer';
import { beginning, prettyJson, visible } from '../model/text';

/** Shows a page's title, its purpose and its controls. */
export function PageHead({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        <p class="quiet">{about}</p>
      </div>
      {children !== undefined && <div class="controls">{children}</div>}
    </header>
  );
}

export function Panel({
  title,
  aside,
  children,
  className = '',
}: {
  readonly title?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly className?: string;
}) {
  return (
    <section class={`panel ${className}`} {...(title !== undefined && { 'aria-label': title })}>
      {title !== undefined && (
        <div class="panel-head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** Shows a table of facts, which scrolls sideways where it is wider than its place, by the keyboard too. */
export function FactsTable({
  label,
  kind = '',
  children,
}: {
  readonly label: string;
  /** A further class of the table. */
  readonly kind?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={`facts ${kind}`}>{children}</table>
    </div>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'busy';

export function Pill({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** Shows an error, which screen readers read out. */
export function Fault({ message }: { readonly message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p class={message.includes('\n') ? 'fault lines' : 'fault'} role="alert">
      {visible(message, { lines: true })}
    </p>
  );
}

/** Shows a sentence that is no error but must not be missed. */
export function Notice({ message }: { readonly message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p class="notice" role="status">
      {visible(message)}
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** Shows a value that a client sent: only as text, in its own direction, and shortened where it is long. */
export function Value({ text, most = 200 }: { readonly text: string; readonly most?: number }) {
  const { text: shown, isCut } = beginning(text, most);
  return (
    <bdi class="value">
      {visible(shown)}
      {isCut && <span class="quiet"> …</span>}
    </bdi>
  );
}

const firstCharacters = 6_000;

/** Shows a record over several lines. The line that the JSON pointer `mark` leads to is marked. */
export function Body({
  text,
  mark,
  label,
}: {
  readonly text: string;
  readonly mark?: string | undefined;
  readonly label: string;
}) {
  const [isWhole, setWhole] = useState(false);
  const { text: shown, isCut } = beginning(text, isWhole ? Infinity : firstCharacters);
  const lines = prettyJson(shown).split('\n');
  const marked = mark === undefined ? undefined : lineOfPointer(lines, mark);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const line = box.current?.querySelector('.marked');
    if (!box.current || !line) return;
    // Scrolls the box, not the page.
    const above = line.getBoundingClientRect().top - box.current.getBoundingClientRect().top;
    box.current.scrollTop += above - box.current.clientHeight / 2;
  }, [text, marked]);
  return (
    <div class="body-box">
      <pre class="body" ref={box} tabIndex={0} role="region" aria-label={label}>
        {lines.map((line, index) => (
          <div key={index} class={index === marked ? 'marked' : undefined}>
            <bdi>{visible(line, { lines: true }) || ' '}</bdi>
          </div>
        ))}
      </pre>
      {isCut && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </div>
  );
}

/** Draws counts over time as bars, with a sentence that says the same. */
export function Bars({
  points,
  fromMs,
  toMs,
  stepMs,
  label,
  tone = 'accent',
}: {
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly label: string;
  readonly tone?: 'accent' | 'bad';
}) {
  const steps = Math.max(1, Math.round((toMs - fromMs) / stepMs) + 1);
  const most = Math.max(1, ...points.map(({ value }) => value));
  const width = 100 / steps;
  return (
    <svg
      class={`bars ${tone}`}
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1="0" y1="23.5" x2="100" y2="23.5" class="base" />
      {points.map(({ atMs, value }) => {
        const height = Math.max(1.5, (value / most) * 22);
        return (
          <rect
            key={atMs}
            x={Math.min(steps - 1, Math.max(0, (atMs - fromMs) / stepMs)) * width + width * 0.1}
            y={24 - height}
            width={Math.max(0.6, width * 0.8)}
            height={height}
          />
        );
      })}
    </svg>
  );
}

export function Select({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

export function TextField({
  label,
  value,
  onInput,
  type = 'text',
  placeholder,
  required = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'date' | 'number' | 'search' | 'password';
  readonly placeholder?: string;
  readonly required?: boolean;
}) {
  // Preact's types have one form of an input for each type, and none for a choice of them.
  const oneType = type as 'text';
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type={oneType}
        value={value}
        required={required}
        {...(type === 'number' && { step: 'any' })}
        autocomplete="off"
        spellcheck={false}
        {...(placeholder !== undefined && { placeholder })}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
