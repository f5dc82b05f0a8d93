import type { Dispatch, StateUpdater } from 'preact/hooks';
import type { LakeOverview } from '../model/facts';
import type { LiveStore } from '../ui/live';
import type { MadeUpEvents } from '../ui/made-up';

/** What the frame gives each page. */
export interface PageProps {
  readonly query: URLSearchParams;
  readonly live: LiveStore;
  /** State of the lake, which the frame loads. */
  readonly lake: LakeOverview | undefined;
  readonly reloadLake: () => void;
  /** File of events that was dropped or chosen. */
  readonly file: File | undefined;
  readonly onFile: Dispatch<StateUpdater<File | undefined>>;
  readonly madeUp: MadeUpEvents;
}
