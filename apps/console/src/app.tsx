import type { ComponentType } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Client } from './client';
import { readConfig, type Config } from './config';
import { pageUrl, unknownName } from './model/address';
import type { LakeOverview, TableOverview } from './model/facts';
import { count, timeOfDay, visible } from './model/text';
import { DaysPage } from './pages/days';
import { EventTypesPage } from './pages/event-types';
import { FailuresPage } from './pages/failures';
import { FlowPage } from './pages/flow';
import { GuidePage } from './pages/guide';
import { LivePage } from './pages/live';
import { LookUpPage } from './pages/look-up';
import type { PageProps } from './pages/page-props';
import { TracesPage } from './pages/traces';
import { beginSignIn, bearerToken, signOut } from './sign-in';
import { ClientContext, useLoaded, useRoute } from './ui/hooks';
import { LiveStore } from './ui/live';
import { useMadeUpEvents } from './ui/made-up';
import { Fault, Notice, PageHead } from './ui/parts';

interface Page {
  readonly id: string;
  readonly title: string;
  /** Path of the icon, drawn within 16 by 16. */
  readonly icon: string;
  readonly component?: ComponentType<PageProps>;
  /** True for a page that is only linked from others and not listed. */
  readonly isUnlisted?: boolean;
  /** True for a page about traces, which only a laptop shows. */
  readonly needsTraces?: boolean;
}

const pages: readonly Page[] = [
  { id: 'flow', title: 'Flow', icon: 'M2 4h4l4 8h4M2 12h4l1-2M9 6l1-2h4', component: FlowPage },
  {
    id: 'failures',
    title: 'Failures',
    icon: 'M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.2',
    component: FailuresPage,
  },
  { id: 'live', title: 'Live', icon: 'M1.5 8h3l2-5 3 10 2-5h3', component: LivePage },
  {
    id: 'look-up',
    title: 'Look up',
    icon: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4L14 14',
    component: LookUpPage,
  },
  {
    id: 'traces',
    title: 'Traces',
    icon: 'M2 3.5h7M5 8h7M8 12.5h6M2 3.5v9',
    component: TracesPage,
    needsTraces: true,
  },
  { id: 'sql', title: 'SQL', icon: 'M3 5l3 3-3 3M8 12h5' },
  {
    id: 'event-types',
    title: 'Event types',
    icon: 'M2.5 3h11v10h-11zM2.5 6.3h11M6.2 6.3V13',
    component: EventTypesPage,
  },
  {
    id: 'days',
    title: 'Days',
    icon: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
    component: DaysPage,
  },
  { id: 'guide', title: 'Guide', icon: '', component: GuidePage, isUnlisted: true },
];

export function App() {
  const [started, setStarted] = useState<{ readonly config: Config; readonly token?: string }>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    const start = async (): Promise<void> => {
      const config = await readConfig();
      const token = await bearerToken(config);
      setStarted({ config, ...(token !== undefined && { token }) });
    };
    start().catch((fault: unknown) => setError((fault as Error).message));
    // The address that npm start prints was opened again in the same tab.
    const again = (): void => {
      if (location.hash.includes('token=')) location.reload();
    };
    addEventListener('hashchange', again);
    return () => removeEventListener('hashchange', again);
  }, []);
  if (error !== undefined)
    return (
      <main class="gate">
        <h1>Sluice</h1>
        <Fault message={`The console can't start: ${error}`} />
      </main>
    );
  if (!started) return <main class="gate" aria-busy="true" />;
  const { config, token } = started;
  if (token === undefined) return <Gate config={config} />;
  const forget = (): void => {
    signOut();
    setStarted({ config });
  };
  return <Frame key={token} config={config} token={token} onRefused={forget} />;
}

/** Tells visitors who are not signed in how to get in. */
function Gate({ config }: { readonly config: Config }) {
  const { signIn } = config;
  return (
    <main class="gate">
      <img src="icon.svg" alt="" width="48" height="48" />
      <h1>Sluice console</h1>
      {signIn ? (
        <button type="button" class="primary" onClick={() => void beginSignIn(signIn)}>
          Sign in
        </button>
      ) : (
        <p>
          Open the address that <code>npm start</code> printed: it ends with a token for this page.
        </p>
      )}
    </main>
  );
}

function Frame({
  config,
  token,
  onRefused,
}: {
  readonly config: Config;
  readonly token: string;
  readonly onRefused: () => void;
}) {
  const client = useMemo(() => new Client(config, token, onRefused), [config, token]);
  const live = useMemo(() => new LiveStore(client), [client]);
  const { page: wanted, query } = useRoute();
  const offered = pages.filter((one) => !one.needsTraces || config.traces !== undefined);
  const listed = offered.filter(({ isUnlisted }) => !isUnlisted);
  const page = offered.find(({ id }) => id === wanted);
  const lake = useLoaded(
    () => client.get<LakeOverview>('operations', '/v1/lake'),
    [client],
    config.mode === 'laptop' ? 2_000 : 15_000,
  );
  const failed = (lake.value?.tables ?? []).reduce(
    (sum, { failures }) => sum + failures.records - failures.replayed,
    0,
  );
  useEffect(() => {
    document.title = `${page?.title ?? 'No such page'} · Sluice`;
    document.querySelector('main')?.scrollTo(0, 0);
  }, [page]);
  const local = useLoaded(
    config.eventTypes === undefined
      ? undefined
      : async () => {
          const answer = await client.fetch(config.eventTypes ?? '');
          return (await answer.json()) as { readonly refused?: string };
        },
    [client],
    5_000,
  );
  const refused = local.value?.refused;
  const madeUp = useMadeUpEvents(client);
  /** The table that was last selected, with which other pages about one table begin. */
  const [recent, setRecent] = useState<TableOverview>();
  const named = lake.value?.tables.find(
    ({ table, eventType }) => table === query.get('table') || eventType === query.get('name'),
  );
  useEffect(() => {
    if (named) setRecent(named);
  }, [named?.table]);
  const [file, onFile] = useState<File>();
  const [isOver, setOver] = useState(false);
  /** Takes a file that is dropped anywhere to the page of event types. */
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer?.files[0];
    if (!dropped) return;
    onFile(dropped);
    if (page?.id !== 'event-types') location.hash = pageUrl('event-types');
  };
  const shown: PageProps = {
    ...{ query, live, lake: lake.value, reloadLake: lake.reload },
    ...{ file, onFile, madeUp },
  };
  return (
    <ClientContext.Provider value={client}>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        To the content
      </a>
      <div
        class={`frame ${isOver ? 'dropping' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <nav class="side" aria-label="Pages">
          <a class="brand" href={pageUrl('flow')}>
            <img src="icon.svg" alt="" width="22" height="22" />
            <span>Sluice</span>
          </a>
          <ul>
            {listed.map(({ id, title, icon }) => (
              <li key={id}>
                <a
                  href={pageUrl(id, ofTable(id, recent))}
                  aria-current={id === page?.id ? 'page' : undefined}
                >
                  <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d={icon} />
                  </svg>
                  <span>{title}</span>
                  {id === 'failures' && failed > 0 && (
                    <span class="badge" title={`${count(failed)} records wait to be fixed`}>
                      {failed > 999 ? '999+' : failed}
                    </span>
                  )}
                </a>
              </li>
            ))}
          </ul>
          <footer>
            <Connection error={lake.error} isLoaded={lake.value !== undefined} mode={config.mode} />
            <Theme />
          </footer>
        </nav>
        <main id="content" tabIndex={-1}>
          {lake.error !== undefined && !lake.value && <Fault message={lake.error} />}
          {lake.error !== undefined && lake.value && (
            <Notice
              message={`${lake.error} The page shows the state at ${timeOfDay(lake.value.atMs)} UTC.`}
            />
          )}
          <Notice message={lake.value && unknownName(query, lake.value.tables)} />
          {(page?.id === 'flow' || page?.id === 'event-types') && (
            <Notice
              message={
                refused &&
                `The stack keeps its earlier definitions, because it refused the current ones of the data directory: ${refused}`
              }
            />
          )}
          {!page ? (
            <NoSuchPage wanted={wanted} offered={listed} />
          ) : page.component ? (
            <page.component {...shown} />
          ) : (
            <SqlLoader {...shown} />
          )}
        </main>
      </div>
    </ClientContext.Provider>
  );
}

/** Returns the parameters with which a page about one table begins. */
const ofTable = (
  page: string,
  recent: TableOverview | undefined,
): Readonly<Record<string, string | undefined>> => {
  if (page === 'event-types') return { name: recent?.eventType };
  return page === 'look-up' || page === 'days' ? { table: recent?.table } : {};
};

/** Says that the address names no page, and lists the pages. */
function NoSuchPage({
  wanted,
  offered,
}: {
  readonly wanted: string;
  readonly offered: readonly Page[];
}) {
  const elsewhere = pages.find(({ id }) => id === wanted);
  return (
    <>
      <PageHead
        title="No such page"
        about={
          elsewhere
            ? `The page ${elsewhere.title} exists only on a laptop.`
            : `The console has no page “${visible(wanted)}”.`
        }
      />
      <p>The pages are:</p>
      <ul class="page-list">
        {offered.map(({ id, title }) => (
          <li key={id}>
            <a href={pageUrl(id)}>{title}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Loads the SQL page when it is first opened, because its editor is larger than everything else together. */
function SqlLoader(props: PageProps) {
  const [page, setPage] = useState<{ readonly component: ComponentType<PageProps> }>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    import('./pages/sql')
      .then(({ SqlPage }) => setPage({ component: SqlPage }))
      .catch((fault: unknown) => setError((fault as Error).message));
  }, []);
  if (error !== undefined) return <Fault message={error} />;
  return page ? <page.component {...props} /> : <p class="quiet">Loading the editor …</p>;
}

function Connection({
  error,
  isLoaded,
  mode,
}: {
  readonly error: string | undefined;
  readonly isLoaded: boolean;
  readonly mode: Config['mode'];
}) {
  const text = error === undefined ? (isLoaded ? mode : 'connecting') : 'no answer';
  return (
    <span class={`connection ${error === undefined ? 'good' : 'bad'}`} role="status" title={error}>
      <i aria-hidden="true" /> {text}
    </span>
  );
}

const themes = ['auto', 'light', 'dark'] as const;

function Theme() {
  const [theme, setTheme] = useState(() => localStorage.getItem('sluice-theme') ?? 'auto');
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem('sluice-theme', theme);
  }, [theme]);
  const next = themes[(themes.findIndex((one) => one === theme) + 1) % themes.length] ?? 'auto';
  return (
    <button
      type="button"
      class="theme"
      onClick={() => setTheme(next)}
      aria-label={`Theme: ${theme}. Switch to ${next}`}
    >
      {theme === 'dark' ? '☾' : theme === 'light' ? '☀' : '◐'}
    </button>
  );
}
