// For tests only: templates with a fault.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/**
 * Copies a cloud assembly and changes its templates.
 *
 * @param edit gets each resource with the JSON text of its properties, and returns the new text
 * @throws Error where nothing was changed, because then the fault is not planted
 */
export function plantFault(
  assembly: string,
  folder: string,
  edit: (resource: Resource, text: string) => string,
): void {
  mkdirSync(folder, { recursive: true });
  let changed = 0;
  for (const entry of readdirSync(assembly, { withFileTypes: true })) {
    const from = join(assembly, entry.name);
    const to = join(folder, entry.name);
    if (!entry.name.endsWith('.template.json')) {
      if (entry.isDirectory() || entry.isSymbolicLink()) symlinkSync(from, to);
      else cpSync(from, to);
      continue;
    }
    const template = JSON.parse(readFileSync(from, 'utf8')) as {
      readonly Resources: Readonly<Record<string, Resource>>;
    };
    const resources = Object.entries(template.Resources).map(
      ([id, resource]): [string, Resource] => {
        const text = JSON.stringify(resource.Properties ?? {});
        const edited = edit(resource, text);
        if (edited !== text) changed++;
        return [id, { ...resource, Properties: JSON.parse(edited) as Record<string, unknown> }];
      },
    );
    writeFileSync(to, JSON.stringify({ ...template, Resources: Object.fromEntries(resources) }));
  }
  if (changed === 0) throw new Error('no template has what the fault would change');
}
