import { type KeyboardEvent, type ReactElement, useEffect, useLayoutEffect, useRef } from 'react';

export interface MenuEntry {
  readonly label: string;
  readonly key?: string;
  /** Whether a line stands above it. */
  readonly separated?: boolean;
  readonly onChoose: () => void;
}

export interface ContextMenuProps {
  /** CSS pixels in the page: where its corner should be. */
  readonly x: number;
  readonly y: number;
  readonly entries: readonly MenuEntry[];
  readonly onClose: () => void;
}

export function ContextMenu({ x, y, entries, onClose }: ContextMenuProps): ReactElement {
  const menu = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null) return;
    const { offsetWidth, offsetHeight } = element;
    const left = Math.max(4, Math.min(x, window.innerWidth - offsetWidth - 4));
    const top = Math.max(4, Math.min(y, window.innerHeight - offsetHeight - 4));
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    element.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [x, y]);

  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) === true) return;
      close.current();
    };
    const away = (): void => close.current();
    window.addEventListener('pointerdown', outside, true);
    window.addEventListener('wheel', outside, { passive: true });
    window.addEventListener('blur', away);
    window.addEventListener('resize', away);
    return () => {
      window.removeEventListener('pointerdown', outside, true);
      window.removeEventListener('wheel', outside);
      window.removeEventListener('blur', away);
      window.removeEventListener('resize', away);
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) items.at(to % items.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else if (event.key !== 'Enter' && event.key !== ' ') return;
    event.stopPropagation();
    if (event.key !== 'Enter' && event.key !== ' ') event.preventDefault();
  };

  return (
    <div ref={menu} className="menu" role="menu" aria-label="Image" onKeyDown={onKeyDown}>
      {entries.map(({ label, key, separated, onChoose }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={separated === true ? 'menu-item menu-separated' : 'menu-item'}
          onPointerEnter={(event) => event.currentTarget.focus()}
          onClick={() => {
            onClose();
            onChoose();
          }}
        >
          <span>{label}</span>
          {key !== undefined && <span className="menu-key">{key}</span>}
        </button>
      ))}
    </div>
  );
}
