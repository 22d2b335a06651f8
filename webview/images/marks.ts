/** The images a person has marked to act on together: some, or all that the filter shows but some. */
export type Marks =
  | { readonly all: false; readonly ids: ReadonlySet<string> }
  | { readonly all: true; readonly except: ReadonlySet<string> };

export const NO_MARKS: Marks = { all: false, ids: new Set() };
export const ALL_MARKED: Marks = { all: true, except: new Set() };

export function markOf(ids: Iterable<string>): Marks {
  return { all: false, ids: new Set(ids) };
}

export function isMarked(marks: Marks, id: string): boolean {
  return marks.all ? !marks.except.has(id) : marks.ids.has(id);
}

/** @param total images that the filter shows */
export function markCount(marks: Marks, total: number): number {
  return marks.all ? Math.max(0, total - marks.except.size) : marks.ids.size;
}

export function toggled(marks: Marks, id: string): Marks {
  const set = new Set(marks.all ? marks.except : marks.ids);
  if (!set.delete(id)) set.add(id);
  return marks.all ? { all: true, except: set } : { all: false, ids: set };
}

export function withMarked(marks: Marks, ids: Iterable<string>): Marks {
  if (marks.all) {
    const except = new Set(marks.except);
    for (const id of ids) except.delete(id);
    return { all: true, except };
  }
  return { all: false, ids: new Set([...marks.ids, ...ids]) };
}
