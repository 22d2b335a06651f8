import type { ReactElement } from 'react';

import { baseName, parentFolder } from '../../src/base/relpath.ts';

/** A relpath of which the folder is cut short first; rowGrid.css has its styles. */
export function FilePath({ path }: { path: string }): ReactElement {
  const folder = parentFolder(path);
  return (
    <span className="path">
      {folder !== '' && <span className="path-folder">{folder}/</span>}
      <span className="path-name">{baseName(path)}</span>
    </span>
  );
}
