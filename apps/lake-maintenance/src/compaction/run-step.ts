import type { KeyFilterFile } from '@sluice/lake-layout';
import { absorb } from './absorb-raw-files';
import { indexFileOptions, indexFiles } from './day-indexes';
import { withPackedFooters, writeKeyFilter } from './describe-files';
import { merge, mergeIndex } from './merge-runs';
import type { CompactionStep, DescribingStep, IndexingStep } from './plan-step';
import { dropCopies, dropLaterCopies, rewrite } from './rewrite-files';
import { nothingChanged, type StepContext, type StepResult } from './step';
import { writePlaces } from './value-places';

/** Runs a step of a day's compaction. @returns what it changes of the day's manifest, which the caller commits */
export function runStep(step: CompactionStep, context: StepContext): Promise<StepResult> {
  switch (step.kind) {
    case 'absorb':
      return absorb(step, context);
    case 'merge':
      return merge(step.files, context);
    case 'drop':
      return dropLaterCopies(step, context);
    case 'seal':
      return dropCopies(context);
    case 'index':
      return index(step, context);
    case 'merge-index':
      return mergeIndex(step, context);
    case 'rewrite':
      return rewrite(step.files, context);
    case 'describe':
      return describe(step, context);
  }
}

async function describe(
  { files, filterOf, valueFiltersOf, placesOf }: DescribingStep,
  context: StepContext,
): Promise<StepResult> {
  const described = await withPackedFooters(files, context);
  const keyFilter = filterOf.length > 0 ? await writeKeyFilter(filterOf, context) : undefined;
  const valueFilters = new Map<string, KeyFilterFile>();
  for (const { path, files: ofIndex } of context.dayIndexes) {
    if (!valueFiltersOf.includes(path)) continue;
    const { eventType } = indexFileOptions(context, path);
    const filter = await writeKeyFilter(ofIndex, { ...context, eventType });
    if (filter) valueFilters.set(path, filter);
  }
  const places = await writePlaces(placesOf, context);
  return {
    ...nothingChanged,
    trimmed: described,
    ...(keyFilter && { keyFilter }),
    ...(valueFilters.size + places.size > 0 && {
      indexes: context.dayIndexes.map((each) => {
        const valueFilter = valueFilters.get(each.path) ?? each.valueFilter;
        const placesOfIndex = places.get(each.path) ?? each.places;
        return {
          ...each,
          ...(valueFilter && { valueFilter }),
          ...(placesOfIndex && { places: placesOfIndex }),
        };
      }),
    }),
  };
}

async function index({ files }: IndexingStep, context: StepContext): Promise<StepResult> {
  const { indexes, marked } = await indexFiles(files, context);
  return { ...nothingChanged, trimmed: marked, indexes };
}
