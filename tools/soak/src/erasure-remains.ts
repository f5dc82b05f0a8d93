// Looks for what is left of people who were erased, and whether everybody else's rows are as they were.
import { join } from 'node:path';
import { heldOf } from './answers-about-people';
import type { ErasureScene } from './erasure-scene';
import type { ErasureTraffic } from './erasure-traffic';
import { erasedMark, laterMark, visitTable } from './people';
import { filesWith, rowSum } from './traces';

/** Lets the stream forget what is past its retention, and notes what it still has. */
export async function findInStream({ stream, problems }: ErasureScene): Promise<void> {
  const inStream = async (): Promise<number> =>
    (await stream.records()).filter(({ text }) => text.includes(erasedMark)).length;
  if ((await inStream()) === 0)
    problems.push(
      'no event of an erased person was in the stream, so nothing shows that it forgets',
    );
  if (stream.textsInFiles().every((text) => !text.includes(erasedMark)))
    problems.push("the search of the stream's files does not find what the stream has");
  await stream.forget();
  if ((await inStream()) > 0) problems.push('the stream still has events of erased people');
  await stream.close();
  if (stream.textsInFiles().some((text) => text.includes(erasedMark)))
    problems.push("the stream's files still hold what was erased");
}

/** Notes erasures without their certificate, and people who are still shown. */
export async function findInAnswers(
  { operations, problems }: ErasureScene,
  { ids, erased }: Pick<ErasureTraffic, 'ids' | 'erased'>,
): Promise<void> {
  for (const id of ids) {
    const { status, body } = await operations({
      ...{ method: 'GET', path: `/v1/erasures/${id}` },
      ...{ query: new Map(), headers: new Map(), body: '' },
    });
    const erasure = JSON.parse(String(body)) as {
      readonly state?: string;
      readonly certificate?: { readonly passes: readonly unknown[] };
    };
    if (status !== 200 || erasure.state !== 'done' || erasure.certificate?.passes.length !== 2)
      problems.push(`${id} did not come to its end: ${status} ${String(body).slice(0, 200)}`);
  }
  for (const person of erased.keys())
    if ((await heldOf(operations, person)).some((line) => !line.includes(laterMark)))
      problems.push(`${person} is still shown what was erased`);
}

/** Notes files that hold what was erased, and rows that changed or went though they were to stay. @returns the rows left */
export async function findInFiles({
  home,
  folder,
  copies,
  problems,
}: ErasureScene): Promise<number> {
  for (const searched of [folder, join(home, 'stream')])
    for (const file of await filesWith(searched, erasedMark))
      problems.push(`${join(searched, file)} still holds what was erased`);
  const left = await rowSum(join(folder, visitTable, 'compacted', '**', '*.parquet'));
  const expected = await rowSum(
    join(copies, '*.parquet'),
    `not starts_with(note, '${erasedMark}')`,
  );
  if (left.rows !== expected.rows || left.hash !== expected.hash)
    problems.push(
      `${left.rows} rows are left with the sum ${left.hash}, and ${expected.rows} with ${expected.hash} were to stay`,
    );
  return left.rows;
}
