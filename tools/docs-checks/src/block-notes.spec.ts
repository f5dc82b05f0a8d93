import { blocksOf, guides, needs } from './documented-commands';

test.each(['README.md', ...guides])(
  '%s says of each block that can not be run what it needs',
  (file) => {
    for (const { language, note, line } of blocksOf(file))
      if (language === 'sh' && note !== '')
        expect([`${file}:${line}`, needs]).toEqual([
          `${file}:${line}`,
          expect.arrayContaining([note]),
        ]);
  },
);
