import type { Disposable } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';

export interface RowPage<Row> {
  readonly total: number;
  /** Of `total`, how many are ticked; where rows can be. */
  readonly tickedTotal?: number | undefined;
  readonly items: readonly Row[];
}

export type FetchPage<Row> = (offset: number, limit: number, signal: AbortSignal) => Promise<RowPage<Row>>;

export interface PagedRowsSnapshot<Row> {
  /** null until the first page arrived. */
  readonly total: number | null;
  readonly tickedTotal: number | undefined;
  /** True while rows of an earlier query stand in for those of the present one. */
  readonly isStale: boolean;
  /** True when all rows around the window one sees are of the newest fetch. */
  readonly isCurrent: boolean;
  readonly error: LakesideError | undefined;
  readonly rowAt: (index: number) => Row | undefined;
}

interface Page<Row> {
  items: readonly Row[];
  /** The revision it was fetched at; an older one is shown until its successor arrives. */
  revision: number;
}

const PAGE_SIZE = 100;
/** 60 pages: 6,000 rows, some 5 MB. */
const MAX_PAGES = 60;
const MAX_IN_FLIGHT = 2;

/**
 * The rows around the visible window of a list of any length. Old rows stay on screen until their successors arrive:
 * neither a hint that something changed nor a new filter makes the list flicker.
 */
export class PagedRows<Row> implements Disposable {
  readonly #changes = new Emitter<undefined>();
  /** Least recently wanted first. */
  #pages = new Map<number, Page<Row>>();
  #inFlight = new Map<number, { abort: AbortController; revision: number }>();
  #fetchPage: FetchPage<Row> | undefined;
  /** Rises with each hint, and with each query: what was fetched before is out of date. */
  #revision = 0;
  /** The revision of the first fetch of the present query. */
  #queryRevision = 0;
  #wanted = { first: 0, last: 0 };
  #total: number | null = null;
  #tickedTotal: number | undefined;
  #isStale = false;
  #error: LakesideError | undefined;
  #snapshot: PagedRowsSnapshot<Row>;
  #disposed = false;

  constructor() {
    this.#snapshot = this.#makeSnapshot();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changes.event(listener);
    return () => subscription.dispose();
  };

  readonly getSnapshot = (): PagedRowsSnapshot<Row> => this.#snapshot;

  /** Shows the rows of another query: other filter, sort or document. */
  query(fetchPage: FetchPage<Row>): void {
    for (const { abort } of this.#inFlight.values()) abort.abort();
    this.#inFlight.clear();
    this.#fetchPage = fetchPage;
    this.#revision++;
    this.#queryRevision = this.#revision;
    this.#isStale = this.#total !== null;
    this.#error = undefined;
    this.#publish();
    this.#pump();
  }

  /** Something changed: what is visible is fetched again at once, the rest when it comes into sight. */
  refresh(): void {
    this.#revision++;
    // What is shown is no longer of the newest fetch.
    this.#publish();
    this.#pump();
  }

  /** The window one sees, by index, both ends included. */
  want(first: number, last: number): void {
    if (first === this.#wanted.first && last === this.#wanted.last) return;
    this.#wanted = { first, last };
    this.#pump();
  }

  /** Changes rows at hand before the engine has answered; the next fetch brings the truth. */
  patch(change: (row: Row, index: number) => Row, tickedTotal?: number): void {
    // An answer under way was made before this change, and would undo it for a moment.
    for (const { abort } of this.#inFlight.values()) abort.abort();
    this.#inFlight.clear();
    for (const [number, page] of this.#pages) {
      page.items = page.items.map((row, at) => change(row, number * PAGE_SIZE + at));
    }
    if (tickedTotal !== undefined) this.#tickedTotal = tickedTotal;
    this.#publish();
  }

  dispose(): void {
    this.#disposed = true;
    for (const { abort } of this.#inFlight.values()) abort.abort();
    this.#inFlight.clear();
    this.#changes.dispose();
  }

  #wantedPages(): number[] {
    const lastRow = this.#total === null || this.#isStale ? this.#wanted.last : Math.max(0, this.#total - 1);
    const first = Math.floor(Math.min(this.#wanted.first, lastRow) / PAGE_SIZE);
    const last = Math.floor(Math.min(this.#wanted.last, lastRow) / PAGE_SIZE);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }

  #pump(): void {
    const fetchPage = this.#fetchPage;
    if (fetchPage === undefined || this.#disposed) return;
    const wanted = this.#wantedPages();
    for (const [number, { abort }] of this.#inFlight) {
      // Scrolled past before it came: free the line for what is in sight now.
      if (!wanted.includes(number)) {
        this.#inFlight.delete(number);
        abort.abort();
      }
    }
    for (const number of wanted) {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) return;
      if (this.#inFlight.has(number)) continue;
      const page = this.#pages.get(number);
      if (page?.revision === this.#revision) {
        // Most recently wanted last, so that what is in sight is never the page dropped.
        this.#pages.delete(number);
        this.#pages.set(number, page);
        continue;
      }
      void this.#fetch(fetchPage, number);
    }
  }

  async #fetch(fetchPage: FetchPage<Row>, number: number): Promise<void> {
    const flight = { abort: new AbortController(), revision: this.#revision };
    this.#inFlight.set(number, flight);
    try {
      const page = await fetchPage(number * PAGE_SIZE, PAGE_SIZE, flight.abort.signal);
      if (this.#inFlight.get(number) !== flight) return;
      this.#inFlight.delete(number);
      this.#accept(number, page, flight.revision);
    } catch (error) {
      if (this.#inFlight.get(number) !== flight) return;
      this.#inFlight.delete(number);
      if (isCanceled(error)) return;
      this.#error = toLakesideError(error);
      this.#publish();
      return;
    }
    this.#pump();
  }

  #accept(number: number, page: RowPage<Row>, revision: number): void {
    if (this.#isStale || page.total !== this.#total) {
      // The first answer to a new query, or rows came and went: every other page may have shifted.
      for (const [other, { revision: fetched }] of this.#pages) {
        if (fetched < this.#queryRevision) this.#pages.delete(other);
      }
    }
    this.#pages.delete(number);
    this.#pages.set(number, { items: page.items, revision });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      this.#pages.delete(oldest);
    }
    this.#total = page.total;
    this.#tickedTotal = page.tickedTotal;
    this.#isStale = false;
    this.#error = undefined;
    this.#publish();
  }

  #publish(): void {
    this.#snapshot = this.#makeSnapshot();
    this.#changes.fire(undefined);
  }

  #makeSnapshot(): PagedRowsSnapshot<Row> {
    return {
      total: this.#total,
      tickedTotal: this.#tickedTotal,
      isStale: this.#isStale,
      isCurrent: this.#wantedPages().every((number) => this.#pages.get(number)?.revision === this.#revision),
      error: this.#error,
      rowAt: (index) => this.#pages.get(Math.floor(index / PAGE_SIZE))?.items[index % PAGE_SIZE],
    };
  }
}
