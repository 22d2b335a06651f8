import type { ReactElement } from 'react';

import { formatBytes, formatCount } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import { PLAN_OPS, type PlanOp } from '../../src/protocol/values.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactBytes } from '../shared/formatting.ts';
import { Icon, type IconName } from '../shared/transferIcon.tsx';
import { changesBoth, OPS_OF, optionWords, opWord, planPurpose, planTitle } from './planKinds.ts';
import {
  allSteps,
  applyLabel,
  openConflicts,
  type PlanInfo,
  planLength,
  type PlanPhase,
  type PlanSide,
  type Space,
  type SpaceNeed,
} from './planModel.ts';

export interface PlanHeaderProps {
  readonly fileName: string;
  readonly info: PlanInfo;
  readonly phase: PlanPhase;
  /** What each root that is written to needs. */
  readonly needs: readonly SpaceNeed[];
  /** Of the target's file system. */
  readonly free: Space | undefined;
  /** Why Apply cannot be pressed. */
  readonly blocked: string | undefined;
  readonly acting: boolean;
  readonly onApply: () => void;
  readonly onSave: () => void;
}

export function PlanHeader(props: PlanHeaderProps): ReactElement {
  const { info, phase, blocked, acting } = props;
  const isEmpty = planLength(info) === 0;
  // While it is applied there is Cancel, and afterwards Retry, until other steps are ticked.
  const canApply = !isEmpty && (phase === 'review' || (phase === 'over' && info.dirty));
  const options = optionWords(info.header);
  return (
    <header className="plan-header">
      <div className="plan-title">
        <Title info={info} />
        <p className="dim">{planPurpose(info)}</p>
        {options.length > 0 && (
          <ul className="plan-options" aria-label="Made with">
            {options.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
      </div>
      <div className="plan-actions">
        <Seal dirty={info.dirty} onSave={props.onSave} />
        {canApply && (
          <Button
            id="apply"
            appearance="primary"
            disabled={blocked !== undefined || acting}
            title={blocked ?? 'Apply the ticked steps (Ctrl+Enter)'}
            onClick={props.onApply}
          >
            {applyLabel(info)}
          </Button>
        )}
      </div>
      {!isEmpty && <Facts {...props} />}
    </header>
  );
}

function Title({ info }: { info: PlanInfo }): ReactElement {
  const { lead, ends } = planTitle(info);
  return (
    <h1>
      {lead}
      {ends !== undefined && (
        <>
          {' '}
          {ends.from} <span aria-label={ends.sign === '→' ? 'to' : 'and'}>{ends.sign}</span> {ends.to}
        </>
      )}
    </h1>
  );
}

const OP_ICONS: Readonly<Record<PlanOp, IconName>> = { copy: 'copy', move: 'move', delete: 'trash' };

/** How much of what is ticked, and whether there is room for it. */
function Facts({ info, phase, needs, free }: PlanHeaderProps): ReactElement {
  const { header, ticked } = info;
  const all = allSteps(info);
  const ops = PLAN_OPS.filter((op) => OPS_OF[header.kind].includes(op) || all[op].count > 0);
  const conflicts = openConflicts(info);
  return (
    <div className="plan-facts">
      <dl className="totals" aria-label="Ticked steps">
        {header.kind === 'both' && info.sides !== undefined ? (
          <>
            <SideTotal root={header.to.root} icon="move" side={info.sides.to} />
            <SideTotal root={header.from.root} icon="arrowLeft" side={info.sides.from} />
            {ticked.move.count > 0 && <Total icon="folder" word="Move" {...ticked.move} bytes={0} />}
          </>
        ) : (
          ops.map((op) => (
            <Total
              key={op}
              icon={OP_ICONS[op]}
              word={opWord(op, header.kind)}
              {...ticked[op]}
              note={op === 'copy' ? replaceNote(info.replaces) : undefined}
            />
          ))
        )}
        {header.kind === 'both' && (
          <Total icon="conflict" word="Not decided" count={conflicts} bytes={0} className="total-conflicts" />
        )}
      </dl>
      {header.kind === 'evict' && free !== undefined && phase === 'review' ? (
        <p className="space-words">
          <span>Frees {formatBytes(ticked.delete.bytes)}</span>
          <span className="dim">
            {formatBytes(free.freeBytes)} free in {rootTitle(header.to.root)} now
          </span>
        </p>
      ) : (
        header.kind !== 'evict' &&
        needs.length > 0 && (
          <div className="spaces">
            {needs.map((need) => (
              <SpaceGauge key={need.root} need={need} namesRoot={changesBoth(info)} />
            ))}
          </div>
        )
      )}
    </div>
  );
}

/** What a plan both ways copies to one of the two. */
function SideTotal({ root, icon, side }: { root: string; icon: IconName; side: PlanSide }): ReactElement {
  return <Total icon={icon} word={`To ${rootTitle(root)}`} {...side.copy} note={replaceNote(side.replaces)} />;
}

function replaceNote(replaces: number): string | undefined {
  return replaces === 0 ? undefined : `${formatCount(replaces)} ${replaces === 1 ? 'replaces' : 'replace'} a file`;
}

function Seal({ dirty, onSave }: { dirty: boolean; onSave: () => void }): ReactElement {
  if (!dirty) {
    return (
      <span className="seal dim" title="The file is as it was made. Apply does exactly what is shown here.">
        <Icon name="lock" /> Sealed
      </span>
    );
  }
  return (
    <span
      className="seal"
      title="The ticks differ from the file. Apply seals what is ticked now; Save writes it to the file."
    >
      <Icon name="edit" /> Changed since it was sealed
      <Button className="small-button" title="Write the ticked steps to the file, sealed (Ctrl+S)" onClick={onSave}>
        Save
      </Button>
    </span>
  );
}

interface TotalProps {
  readonly icon: IconName;
  readonly word: string;
  readonly count: number;
  readonly bytes: number;
  readonly note?: string | undefined;
  readonly className?: string;
}

function Total({ icon, word, count, bytes, note, className = '' }: TotalProps): ReactElement {
  return (
    <div className={`total ${count === 0 ? 'total-none' : className}`}>
      <dt>
        <Icon name={icon} /> {word}
      </dt>
      <dd>
        <span className="total-count">{formatCount(count)}</span>
        <span className="dim" title={formatExactBytes(bytes)}>
          {bytes === 0 ? '' : formatBytes(bytes)}
        </span>
        {note !== undefined && <span className="total-note dim">{note}</span>}
      </dd>
    </div>
  );
}

/** @param namesRoot where there are two of them: the root stands first, in fewer words */
function SpaceGauge({ need, namesRoot }: { need: SpaceNeed; namesRoot: boolean }): ReactElement {
  const { root, needBytes, freeBytes, shortBytes } = need;
  const isShort = shortBytes > 0;
  const short = `${formatBytes(shortBytes)} short`;
  const needs = needBytes === 0 ? 'Needs no space' : `Needs ${formatBytes(needBytes)}`;
  const [lead, rest] = namesRoot
    ? [isShort ? `${root}: ${short}` : root, `${formatBytes(needBytes)} of ${formatBytes(freeBytes)} free`]
    : [isShort ? short : needs, `${formatBytes(freeBytes)} free in ${root}`];
  return (
    <div className={isShort ? 'space space-short' : 'space'}>
      <div className="space-words">
        <span>
          {isShort && <Icon name="warning" />}
          {lead}
        </span>
        <span className="dim">{rest}</span>
      </div>
      <progress
        className="gauge"
        max={Math.max(1, freeBytes)}
        value={Math.min(needBytes, Math.max(1, freeBytes))}
        aria-label={`Space in ${root}: ${formatBytes(needBytes)} of ${formatBytes(freeBytes)} free are needed`}
      />
    </div>
  );
}
