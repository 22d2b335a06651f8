import { type ReactElement, type ReactNode, type Ref, useState } from 'react';

import { type NumberRange, readNumber } from './readNumber.ts';

/** Native form controls in the colours of VS Code: lighter than the toolkit's, and they grow with their text. */

interface FieldProps {
  readonly id: string;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A control with its label above and a hint below. The control bears the same id, and `${id}-hint` describes it. */
export function Field({ id, label, hint, className = '', children }: FieldProps): ReactElement {
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint dim">
          {hint}
        </p>
      )}
    </div>
  );
}

export interface TextAreaProps {
  readonly id: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly placeholder?: string;
  /** Lines it has when empty; it grows with its text. */
  readonly rows: number;
  readonly describedBy?: string | undefined;
  readonly label?: string;
  readonly ref?: Ref<HTMLTextAreaElement>;
}

export function TextArea({
  id,
  value,
  onValue,
  placeholder,
  rows,
  describedBy,
  label,
  ref,
}: TextAreaProps): ReactElement {
  return (
    <textarea
      ref={ref}
      id={id}
      className={`text-area text-area-${rows}`}
      rows={rows}
      value={value}
      placeholder={placeholder}
      spellCheck={false}
      maxLength={200_000}
      aria-describedby={describedBy}
      aria-label={label}
      onChange={(event) => onValue(event.currentTarget.value)}
    />
  );
}

export interface TextInputProps {
  readonly id: string;
  readonly value: string;
  readonly placeholder?: string | undefined;
  readonly label?: string;
  readonly onValue: (value: string) => void;
}

export function TextInput({ id, value, placeholder, label, onValue }: TextInputProps): ReactElement {
  return (
    <input
      id={id}
      className="input"
      type="text"
      value={value}
      placeholder={placeholder}
      spellCheck={false}
      aria-label={label}
      onChange={(event) => onValue(event.currentTarget.value)}
    />
  );
}

export interface NumberInputProps extends NumberRange {
  readonly id: string;
  /** undefined: left to its default. */
  readonly value: number | undefined;
  readonly placeholder?: string | undefined;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly onValue: (value: number | undefined) => void;
}

export function NumberInput(props: NumberInputProps): ReactElement {
  const { id, value, onValue, placeholder, disabled = false, label, min, max, step, whole = false } = props;
  // What is being typed: `-` and `1e` are on their way to a number.
  const [typed, setTyped] = useState<string>();
  const text = typed ?? (value === undefined ? '' : String(value));
  const { problem } = readNumber(text, props);
  return (
    <span className="number">
      <input
        id={id}
        className="input"
        type="number"
        value={text}
        min={min}
        max={max}
        step={step ?? (whole ? 1 : 'any')}
        placeholder={placeholder}
        disabled={disabled}
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          const read = readNumber(event.currentTarget.value, props);
          if (read.problem === undefined) onValue(read.value);
        }}
        onBlur={() => setTyped(undefined)}
      />
      {problem !== undefined && (
        <span id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}

export interface SelectOption {
  readonly value: string;
  readonly label: string;
  readonly group?: string;
}

export interface SelectProps {
  readonly id: string;
  readonly value: string;
  readonly options: readonly SelectOption[];
  readonly disabled?: boolean;
  readonly label?: string;
  readonly describedBy?: string | undefined;
  readonly onValue: (value: string) => void;
}

/** The options in their order; those of a group stand together under its name. */
export function Select({ id, value, options, disabled, label, describedBy, onValue }: SelectProps): ReactElement {
  const groups = [...new Set(options.map(({ group }) => group))];
  const drawn = (group: string | undefined): ReactElement[] =>
    options
      .filter((option) => option.group === group)
      .map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ));
  return (
    <span className="select">
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-label={label}
        aria-describedby={describedBy}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {groups.map((group) =>
          group === undefined ? (
            drawn(group)
          ) : (
            <optgroup key={group} label={group}>
              {drawn(group)}
            </optgroup>
          ),
        )}
      </select>
    </span>
  );
}
