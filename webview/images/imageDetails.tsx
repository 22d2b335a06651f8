import { type ReactElement, type ReactNode, useEffect, useState } from 'react';

import { toLakesideError } from '../../src/base/errors.ts';
import { formatBytes, formatDuration } from '../../src/base/format.ts';
import type { Run, RunImage, RunSnapshot } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactTime } from '../shared/formatting.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { fileName, type Judgement } from './galleryModel.ts';
import type { GalleryStore, ImageDetails as Details } from './galleryStore.ts';
import { JudgeControls } from './judgeControls.tsx';

export interface ImageDetailsProps {
  readonly store: GalleryStore;
  readonly image: RunImage | undefined;
  /** Rises when what is known of the image may be out of date. */
  readonly revision: number;
  /** undefined where the controls stand elsewhere already. */
  readonly onJudge: ((judgement: Judgement) => void) | undefined;
  readonly onClose: () => void;
}

export function ImageDetails({ store, image, revision, onJudge, onClose }: ImageDetailsProps): ReactElement {
  const { details, problem } = useDetails(store, image?.id, revision);
  return (
    <aside className="details" aria-label="Details of the image">
      {image === undefined ? (
        <p className="dim details-none">Choose an image to see how it was made.</p>
      ) : (
        <>
          <h2 title={fileName(image)}>{fileName(image)}</h2>
          {onJudge !== undefined && <JudgeControls pick={image.pick} rating={image.rating} onJudge={onJudge} />}
          <div className="details-actions">
            <Button onClick={() => store.ask((remote) => remote.request('gallery.again', { image: image.id }))}>
              <Icon name="again" slot="start" />
              Again with these settings
            </Button>
          </div>
          {problem !== undefined && (
            <p className="details-problem" role="alert">
              <Icon name="warning" /> {problem.message} <code>{problem.code}</code>
            </p>
          )}
          {details !== undefined && <Prompts details={details} store={store} />}
          <Facts image={image} details={details} store={store} />
        </>
      )}
      <Button
        className="details-close"
        appearance="icon"
        aria-label="Close details"
        title="Close details (I)"
        onClick={onClose}
      >
        <Icon name="close" />
      </Button>
    </aside>
  );
}

function Prompts({ details: { snapshot }, store }: { details: Details; store: GalleryStore }): ReactElement {
  const { prompt, negative } = snapshot.merged;
  return (
    <>
      <LongText label="Prompt" text={prompt} onCopy={() => store.copy(prompt, 'Copied the prompt')} />
      {negative !== '' && (
        <LongText label="Negative" text={negative} onCopy={() => store.copy(negative, 'Copied the negative prompt')} />
      )}
    </>
  );
}

/** So much of a text is drawn until a person asks for all of it: a prompt may be as long as a short book. */
const SHORT_TEXT = 1_200;

function LongText({ label, text, onCopy }: { label: string; text: string; onCopy: () => void }): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > SHORT_TEXT;
  return (
    <section className="details-text">
      <h3>
        {label}
        <Button appearance="icon" aria-label={`Copy: ${label}`} title="Copy" onClick={onCopy}>
          <Icon name="copy" />
        </Button>
      </h3>
      <p>
        {text === '' ? <span className="dim">None</span> : isLong && !isWhole ? `${text.slice(0, SHORT_TEXT)}…` : text}
      </p>
      {isLong && <Button onClick={() => setWhole(!isWhole)}>{isWhole ? 'Show less' : 'Show all'}</Button>}
    </section>
  );
}

interface FactsProps {
  readonly image: RunImage;
  /** Of this image; undefined until they arrive. */
  readonly details: Details | undefined;
  readonly store: GalleryStore;
}

function Facts({ image, details, store }: FactsProps): ReactElement {
  const seed = String(image.seed);
  return (
    <dl className="facts">
      <Fact label="Seed">
        <span className="figure">{seed}</span>
        <Button
          appearance="icon"
          aria-label="Copy the seed"
          title="Copy"
          onClick={() => store.copy(seed, 'Copied the seed')}
        >
          <Icon name="copy" />
        </Button>
      </Fact>
      {image.model !== '' && <Fact label="Model">{image.model}</Fact>}
      {details !== undefined && <MadeBy image={image} snapshot={details.snapshot} run={details.run} />}
      <Fact label="Size">
        {image.width} × {image.height}, {formatBytes(image.bytes)}
      </Fact>
      <Fact label="Made">{formatExactTime(image.createdAt)}</Fact>
      {details !== undefined && <Timing run={details.run} />}
      <Fact label="File" wide>
        <span className="details-path">{image.path}</span>
        <span className="fact-actions">
          <Button
            appearance="icon"
            aria-label="Reveal the file"
            title="Reveal the file"
            onClick={() => store.ask((remote) => remote.request('gallery.reveal', { image: image.id }))}
          >
            <Icon name="folder" />
          </Button>
          <Button
            appearance="icon"
            aria-label="Open in an editor"
            title="Open in an editor"
            onClick={() => store.ask((remote) => remote.request('gallery.open', { image: image.id }))}
          >
            <Icon name="openFile" />
          </Button>
          <Button
            appearance="icon"
            aria-label="Copy the path"
            title="Copy the path"
            onClick={() => store.copy(image.path, 'Copied the path')}
          >
            <Icon name="copy" />
          </Button>
        </span>
      </Fact>
    </dl>
  );
}

/** Shown by themselves. */
const SHOWN_ELSEWHERE = new Set(['prompt', 'negative', 'seed']);
const VALUE_WORDS: Readonly<Record<string, string>> = { cfg: 'CFG', lora: 'LoRA' };

function MadeBy({ image, snapshot, run }: { image: RunImage; snapshot: RunSnapshot; run: Run }): ReactElement {
  const isToldAlready = (name: string, value: unknown): boolean =>
    SHOWN_ELSEWHERE.has(name) ||
    (name === 'width' && value === image.width) ||
    (name === 'height' && value === image.height) ||
    (name === 'model' && value === image.model);
  const values = Object.entries(snapshot.generation.values).filter(([name, value]) => !isToldAlready(name, value));
  return (
    <>
      <Fact label="Provider">{snapshot.provider.name}</Fact>
      {snapshot.workflow !== undefined && <Fact label="Workflow">{snapshot.workflow.name}</Fact>}
      {values.map(([name, value]) => (
        <Fact key={name} label={VALUE_WORDS[name] ?? name.charAt(0).toUpperCase() + name.slice(1)}>
          {String(value)}
        </Fact>
      ))}
      <Fact label="Work item">
        {snapshot.project.name} › {snapshot.item.name}
      </Fact>
      <Fact label="By">{run.createdBy}</Fact>
    </>
  );
}

function Timing({ run: { startedAt, finishedAt, images } }: { run: Run }): ReactElement | null {
  if (startedAt === null || finishedAt === null) return null;
  const whole = formatDuration(finishedAt - startedAt);
  const each = images > 1 ? `, ${formatDuration((finishedAt - startedAt) / images)} an image` : '';
  return (
    <Fact label="Run took">
      {whole}
      {each}
    </Fact>
  );
}

function Fact({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }): ReactElement {
  return (
    <div className={wide ? 'fact fact-wide' : 'fact'}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** While an arrow key is held, images go by that nobody reads about. */
const REST_MS = 80;

interface Found {
  readonly image: string;
  readonly details?: Details;
  readonly problem?: { readonly message: string; readonly code: string };
}

function useDetails(store: GalleryStore, image: string | undefined, revision: number): Omit<Found, 'image'> {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (image === undefined) return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      store.details(image, abort.signal).then(
        (details) => setFound({ image, details }),
        (error: unknown) => {
          if (!abort.signal.aborted) setFound({ image, problem: toLakesideError(error) });
        },
      );
    }, REST_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [store, image, revision]);
  return found?.image === image ? (found ?? {}) : {};
}
