/**
 * Element types of torch by the names that safetensors gives them, with their bytes per element. Sources: the map of
 * storages in torch/storage.py, https://huggingface.co/docs/safetensors for the names.
 */
const ELEMENT_TYPES: readonly (readonly [dtype: string, bytes: number, storage: string, ...torch: string[]])[] = [
  ['F64', 8, 'DoubleStorage', 'float64', 'double'],
  ['F32', 4, 'FloatStorage', 'float32', 'float'],
  ['F16', 2, 'HalfStorage', 'float16', 'half'],
  ['BF16', 2, 'BFloat16Storage', 'bfloat16'],
  ['I64', 8, 'LongStorage', 'int64', 'long'],
  ['I32', 4, 'IntStorage', 'int32', 'int'],
  ['I16', 2, 'ShortStorage', 'int16', 'short'],
  ['I8', 1, 'CharStorage', 'int8'],
  ['U8', 1, 'ByteStorage', 'uint8'],
  ['U16', 2, '', 'uint16'],
  ['U32', 4, '', 'uint32'],
  ['U64', 8, '', 'uint64'],
  ['BOOL', 1, 'BoolStorage', 'bool'],
  ['C64', 8, 'ComplexFloatStorage', 'complex64', 'cfloat'],
  ['C128', 16, 'ComplexDoubleStorage', 'complex128', 'cdouble'],
  ['F8_E4M3', 1, '', 'float8_e4m3fn'],
  ['F8_E5M2', 1, '', 'float8_e5m2'],
  ['F8_E4M3FNUZ', 1, '', 'float8_e4m3fnuz'],
  ['F8_E5M2FNUZ', 1, '', 'float8_e5m2fnuz'],
  ['F8_E8M0', 1, '', 'float8_e8m0fnu'],
  ['QI8', 1, 'QInt8Storage', 'qint8'],
  ['QU8', 1, 'QUInt8Storage', 'quint8'],
  ['QI32', 4, 'QInt32Storage', 'qint32'],
  ['QU4X2', 1, 'QUInt4x2Storage', 'quint4x2'],
  ['QU2X4', 1, 'QUInt2x4Storage', 'quint2x4'],
];

/** dtype of safetensors → bytes per element. */
export const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map(
  ELEMENT_TYPES.map(([dtype, bytes]) => [dtype, bytes]),
);

/** Class of a torch storage, such as `HalfStorage` → dtype of safetensors. */
export const STORAGE_DTYPES: ReadonlyMap<string, string> = new Map(
  ELEMENT_TYPES.flatMap(([dtype, , storage]) => (storage === '' ? [] : [[storage, dtype]])),
);

/** dtype of torch, such as `float16` → dtype of safetensors. */
export const TORCH_DTYPES: ReadonlyMap<string, string> = new Map(
  ELEMENT_TYPES.flatMap(([dtype, , , ...names]) => names.map((name) => [name, dtype] as const)),
);
