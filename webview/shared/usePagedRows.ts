import { useEffect, useState, useSyncExternalStore } from 'react';

import { type FetchPage, PagedRows, type PagedRowsSnapshot } from './pagedRows.ts';

/**
 * Rows of a paged query.
 * @param fetchPage must change identity exactly when the query does
 * @param revision rises when what is shown may be out of date
 */
export function usePagedRows<Row>(
  fetchPage: FetchPage<Row> | undefined,
  revision: number,
): { readonly rows: PagedRows<Row>; readonly snapshot: PagedRowsSnapshot<Row> } {
  const [rows] = useState(() => new PagedRows<Row>());
  const snapshot = useSyncExternalStore(rows.subscribe, rows.getSnapshot);
  useEffect(() => {
    if (fetchPage !== undefined) rows.query(fetchPage);
  }, [rows, fetchPage]);
  useEffect(() => {
    if (revision > 0) rows.refresh();
  }, [rows, revision]);
  return { rows, snapshot };
}
