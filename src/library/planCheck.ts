import { LakesideError } from '../base/errors.ts';
import { compareRelpaths, describeRelpathProblem, relpathProblem, type RelpathProblem } from '../base/relpath.ts';
import { PLAN_FORMAT, PLAN_VERSION, planHeaderSchema, planItemSchema } from '../protocol/planFile.ts';
import type { PlanHeader, PlanItem } from '../protocol/planFile.ts';
import { addToSummary, emptyPlanSummary } from '../protocol/planTotals.ts';
import { contentHash, PLAN_OPS, type Problem } from '../protocol/values.ts';
import { planPathProblem, windowsNameProblem } from './plan.ts';
import { isCompleteItem } from './planItemCheck.ts';
import { notAPlan } from './planFileReader.ts';
import { PlanSealer } from './planSeal.ts';

const preambleSchema = planHeaderSchema.omit({ seal: true });
type Preamble = Omit<PlanHeader, 'seal'>;

/** Findings that are told; a plan may hold 100,000 of one kind. */
const MAX_FINDINGS = 100;

/**
 * Checks a plan as it comes: shape, order, every path, and at the end summary and seal. What is wrong with an item is
 * told at the end, when the seal tells whether the plan was made so or edited since; a path that could leave its root
 * is refused at once.
 */
export class PlanCheck {
  /** Names that only Windows could not store: worth telling where the target is not Windows. */
  readonly findings: Problem[] = [];
  readonly #file: string;
  readonly #windowsTarget: boolean;
  readonly #preamble: Preamble;
  readonly #sealer: PlanSealer;
  readonly #summary = emptyPlanSummary();
  readonly #sources = new Set<string>();
  #last = '';
  #damage: string | undefined;

  /**
   * @param preamble all but items and seal
   * @throws PLAN_FORMAT, PLAN_VERSION, PLAN_DAMAGED
   */
  constructor(file: string, preamble: unknown, windowsTarget: boolean) {
    this.#file = file;
    this.#windowsTarget = windowsTarget;
    this.#preamble = parsePreamble(file, preamble);
    const { summary: _summary, ...beforeItems } = this.#preamble;
    this.#sealer = new PlanSealer(beforeItems);
  }

  get preamble(): Preamble {
    return this.#preamble;
  }

  /**
   * @returns the item, or undefined where it is none; `end` then refuses the plan
   * @throws PLAN_UNSAFE_PATH
   */
  item(value: unknown): PlanItem | undefined {
    const parsed = planItemSchema.safeParse(value);
    if (!parsed.success) {
      this.#note('one of its steps is not complete');
      this.#sealer.addUnchecked(value);
      return undefined;
    }
    const item = parsed.data;
    this.#checkPath(item.path);
    if (item.movedFrom !== undefined) this.#checkPath(item.movedFrom);
    if (item.fromPath !== undefined) this.#checkPath(item.fromPath);
    this.#checkItem(item);
    this.#sealer.add(item);
    addToSummary(this.#summary, item);
    return item;
  }

  /** @throws PLAN_EDITED, PLAN_DAMAGED */
  end(seal: unknown): PlanHeader {
    const { summary } = this.#preamble;
    const parsed = contentHash.safeParse(seal);
    if (!parsed.success || parsed.data !== this.#sealer.seal(summary)) {
      throw this.#refusal('PLAN_EDITED', 'was changed after it was made: its seal does not fit');
    }
    const agrees = [...PLAN_OPS, 'conflict' as const].every(
      (part) =>
        (summary[part]?.count ?? 0) === (this.#summary[part]?.count ?? 0) &&
        (summary[part]?.bytes ?? 0) === (this.#summary[part]?.bytes ?? 0),
    );
    if (!agrees) this.#note('its totals are not those of its steps');
    if (this.#damage !== undefined) throw this.#refusal('PLAN_DAMAGED', `is damaged: ${this.#damage}`);
    return { ...this.#preamble, seal: parsed.data };
  }

  #checkPath(path: string): void {
    // The common case, in one look.
    if (relpathProblem(path, { windows: true }) === undefined) return;
    const problem = planPathProblem(path);
    if (problem !== undefined) throw this.#unsafe(path, problem);
    const onWindows = windowsNameProblem(path);
    if (onWindows === undefined) return;
    if (this.#windowsTarget) throw this.#unsafe(path, onWindows);
    if (this.findings.length >= MAX_FINDINGS) return;
    const message = `${JSON.stringify(path)} ${describeRelpathProblem(onWindows)}: a Windows machine cannot hold it.`;
    this.findings.push({ path, code: 'PATH_NOT_FOR_WINDOWS', message });
  }

  #checkItem(item: PlanItem): void {
    const { op, path, movedFrom, direction, trashed } = item;
    if (this.#last !== '' && compareRelpaths(this.#last, path) >= 0) {
      this.#note(`${JSON.stringify(path)} stands twice or out of order`);
    }
    this.#last = path;
    if (!isCompleteItem(item, this.#preamble.kind)) this.#note(`the step of ${JSON.stringify(path)} is not complete`);
    // What is moved away or deleted can be so only once. (Within *from* that is `path`, which stands only once.)
    const within = direction !== 'reverse' && trashed === undefined;
    const source = op === 'delete' ? path : within ? movedFrom : undefined;
    if (source === undefined) return;
    if (this.#sources.has(source)) this.#note(`${JSON.stringify(source)} is moved or deleted twice`);
    this.#sources.add(source);
  }

  #note(damage: string): void {
    this.#damage ??= damage;
  }

  #unsafe(path: string, problem: RelpathProblem): LakesideError {
    const reason = `holds a path that is not safe: ${JSON.stringify(path)} ${describeRelpathProblem(problem)}`;
    return this.#refusal('PLAN_UNSAFE_PATH', reason);
  }

  #refusal(code: string, reason: string): LakesideError {
    return new LakesideError(code, 'validation', `The plan ${this.#file} ${reason}. Nothing was done; make it anew.`, {
      context: { path: this.#file },
    });
  }
}

function parsePreamble(file: string, value: unknown): Preamble {
  const parsed = preambleSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const isPlan = typeof value === 'object' && value !== null && 'format' in value && value.format === PLAN_FORMAT;
  if (!isPlan) throw notAPlan(file);
  if ('version' in value && typeof value.version === 'number' && value.version !== PLAN_VERSION) {
    throw new LakesideError(
      'PLAN_FORMAT',
      'validation',
      `The plan ${file} is of version ${value.version}, and this Lakeside reads version ${PLAN_VERSION}. Update Lakeside, or make the plan anew.`,
      { context: { path: file, version: value.version } },
    );
  }
  throw new LakesideError(
    'PLAN_DAMAGED',
    'validation',
    `The plan ${file} is damaged: its header is not complete. Nothing was done; make it anew.`,
    { context: { path: file } },
  );
}
