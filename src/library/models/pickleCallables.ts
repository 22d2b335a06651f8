import { STORAGE_DTYPES, TORCH_DTYPES } from './torchTypes.ts';

/** What importing a name from a pickle means. `named`: sound while it is only named and not called. */
export type CallableJudgement =
  | { readonly level: 'safe' | 'named' }
  /** @property why what it does, as the part of a sentence that follows "it" */
  | { readonly level: 'dangerous'; readonly why: string }
  | { readonly level: 'unknown' };

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function qualified(module: string, names: Iterable<string>): string[] {
  return Array.from(names, (name) => `${module}.${name}`);
}

const STORAGES = [...STORAGE_DTYPES.keys()];
const TENSORS = STORAGES.map((storage) => storage.replace('Storage', 'Tensor'));

const NUMPY_SCALARS =
  words(`bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longlong
  ulonglong intc uintc complex64 complex128 str_ bytes_ datetime64 timedelta64`);

const REBUILD =
  words(`_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_tensor _rebuild_tensor_v2
  _rebuild_tensor_v3 _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage _rebuild_wrapper_subclass
  _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor`);

/**
 * What may be called with any arguments, since it only makes data. Begins with what `torch.load(weights_only=True)` allows
 * (torch/_weights_only_unpickler.py); the rest are numpy's arrays and plain classes of Python, none of which runs what it
 * is given. `torch.storage._load_from_bytes` unpickles its argument, which is walked as well.
 */
const SAFE: ReadonlySet<string> = new Set([
  ...qualified('torch._utils', REBUILD),
  ...qualified('torch', [...STORAGES, ...TENSORS, ...TORCH_DTYPES.keys()]),
  ...qualified('torch.storage', [...STORAGES, 'TypedStorage', 'UntypedStorage', '_TypedStorage', '_UntypedStorage']),
  ...qualified('torch.cuda', [...STORAGES, ...TENSORS]),
  ...qualified('torch', words('Tensor Size device TypedStorage UntypedStorage strided sparse_coo channels_last')),
  ...qualified('torch', words('contiguous_format preserve_format per_tensor_affine per_channel_affine')),
  ...words('torch.nn.parameter.Parameter torch.nn.parameter.Buffer torch.nn.modules.container.ParameterDict'),
  ...words('torch._tensor._rebuild_from_type_v2 torch.tensor._rebuild_from_type_v2 torch.serialization._get_layout'),
  'torch.storage._load_from_bytes',
  ...words('collections.OrderedDict collections.Counter collections.defaultdict collections.deque _codecs.encode'),
  ...qualified(
    'builtins',
    words('set frozenset dict list tuple bytearray bytes str int float bool complex slice range object'),
  ),
  ...qualified(
    '__builtin__',
    words('set frozenset dict list tuple bytearray str unicode int long float bool complex object'),
  ),
  ...words('copyreg._reconstructor copy_reg._reconstructor argparse.Namespace'),
  ...qualified('pathlib', words('PosixPath WindowsPath PurePosixPath PureWindowsPath')),
  ...qualified('datetime', words('datetime date time timedelta timezone')),
  ...words('numpy.dtype numpy.ndarray'),
  ...qualified('numpy', NUMPY_SCALARS),
  ...['numpy.core', 'numpy._core'].flatMap((core) => [
    ...qualified(`${core}.multiarray`, ['_reconstruct', 'scalar']),
    `${core}.numeric._frombuffer`,
  ]),
]);

/** Classes that checkpoints use as keys, and that do more than to be there when they are called. */
const NAMED: ReadonlySet<string> = new Set(
  words(`pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint pytorch_lightning.callbacks.early_stopping.EarlyStopping
  lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint`),
);

const RUNS = 'runs programs or code';
const LOADS = 'loads code or other pickles';
const FILES = 'reads, writes or removes files';
const NETWORK = 'talks to other computers';
const REACHES = 'reaches whatever it is given the name of';

/** Modules of which nothing belongs into a model file, with all that is under them. */
const DANGEROUS_MODULES: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        RUNS,
        'os posix nt subprocess _posixsubprocess _winapi commands popen2 pty pexpect multiprocessing _multiprocessing',
      ],
      [
        RUNS,
        'sys code codeop timeit trace pdb bdb cProfile profile pstats doctest unittest test pydoc idlelib lib2to3',
      ],
      [
        RUNS,
        'pip ensurepip venv distutils setuptools pkg_resources threading _thread thread signal _signal atexit sched',
      ],
      [RUNS, 'concurrent asyncio gc inspect ast dis opcode _interpreters _xxsubinterpreters _testcapi _osx_support'],
      [
        RUNS,
        '_aix_support _pyrepl ctypes _ctypes cffi cython Cython numba webbrowser antigravity turtle curses readline',
      ],
      [RUNS, 'numpy.f2py numpy.distutils numpy.testing torch.jit torch._inductor torch._dynamo torch.compile torch.fx'],
      [
        RUNS,
        'torch.utils.cpp_extension torch.utils.bottleneck torch.utils.collect_env torch.multiprocessing torch._C._jit',
      ],
      [
        RUNS,
        'torch.distributed.elastic torch.distributed.rpc torch.distributed.run torch.distributed.launch torch.onnx',
      ],
      [RUNS, 'torch.testing torch.ops torch._ops torch.library torch.utils.data.datapipes IPython sympy pandas.eval'],
      [
        LOADS,
        'importlib imp _imp _frozen_importlib _frozen_importlib_external zipimport pkgutil runpy site sitecustomize',
      ],
      [
        LOADS,
        'pickle _pickle cPickle dill cloudpickle joblib marshal shelve jsonpickle yaml dbm torch.hub torch.package',
      ],
      [LOADS, 'torch.utils.model_zoo pandas.io numpy.ctypeslib'],
      [
        FILES,
        'shutil tempfile pipes glob fileinput linecache mmap sqlite3 _sqlite3 zipfile tarfile compileall py_compile',
      ],
      [FILES, 'pathlib._os logging syslog winreg _winreg msvcrt numpy.lib.npyio numpy.memmap'],
      [
        NETWORK,
        'socket _socket ssl _ssl select selectors socketserver SocketServer http httplib urllib urllib2 urllib3',
      ],
      [NETWORK, 'requests aiohttp httpx xmlrpc xmlrpclib smtplib imaplib poplib ftplib nntplib telnetlib paramiko'],
      [REACHES, 'operator _operator'],
    ] as const
  ).flatMap(([why, modules]) => words(modules).map((module) => [module, why] as const)),
);

const DANGEROUS_BUILTINS = [
  [RUNS, 'eval exec compile execfile apply breakpoint help input raw_input exit quit'],
  [LOADS, '__import__ __loader__ __build_class__ __spec__ reload'],
  [REACHES, 'getattr setattr delattr vars globals locals __dict__'],
  [FILES, 'open file'],
] as const;

/** Names that are dangerous in modules that otherwise are not. */
const DANGEROUS_NAMES: ReadonlyMap<string, string> = new Map(
  [
    ...['builtins', '__builtin__', '__builtins__'].flatMap((module) =>
      DANGEROUS_BUILTINS.map(([why, names]) => [why, qualified(module, words(names))] as const),
    ),
    [RUNS, words('functools.partial functools.reduce functools.partialmethod functools.singledispatch')] as const,
    [
      RUNS,
      words('itertools.starmap itertools.accumulate uuid._get_command_stdout platform._syscmd_ver platform.popen'),
    ] as const,
    [
      RUNS,
      qualified(
        'types',
        words('CodeType FunctionType MethodType LambdaType new_class resolve_bases DynamicClassAttribute'),
      ),
    ] as const,
    [LOADS, qualified('copyreg', words('add_extension pickle constructor'))] as const,
    [
      LOADS,
      words('torch.load torch.serialization.load torch.serialization._load torch.serialization._legacy_load'),
    ] as const,
    [
      LOADS,
      words('numpy.load numpy.fromfile numpy.core.multiarray.fromfile numpy.save pandas.read_pickle codecs.open'),
    ] as const,
    [LOADS, words('torch.classes torch.utils._config_module.ConfigModule transformers.pipeline')] as const,
    [
      FILES,
      words('io.open io.FileIO io.open_code _io.open _io.FileIO _io.open_code _pyio.open torch.save torch.from_file'),
    ] as const,
  ].flatMap(([why, names]) => names.map((name) => [name, why] as const)),
);

/** Parts of a dotted name that lead out of any module: `torch` `serialization.os.system` is `os.system` too. */
const WAYS_OUT: ReadonlyMap<string, string> = new Map([
  ...words('os posix nt sys subprocess builtins importlib shutil socket ctypes pickle marshal runpy pty').map(
    (module) => [module, RUNS] as const,
  ),
  ...words(`__builtins__ __globals__ __code__ __dict__ __class__ __subclasses__ __bases__ __mro__ __init__ __getattribute__
  __import__ __loader__ __reduce__ __reduce_ex__ __self__ __func__ __closure__ __call__ f_globals gi_frame`).map(
    (name) => [name, REACHES] as const,
  ),
]);

/** Functions that many modules hand on under their own names. */
const RUNNERS: ReadonlySet<string> = new Set(
  words(`system popen Popen eval exec execv execve execvp spawn check_output check_call import_module run_module run_path
  runcode runctx runstring rmtree urlopen urlretrieve load_module exec_module LoadLibrary CDLL`),
);

/** TorchScript archives name these, and they only make lists and types. */
const NOT_DANGEROUS = 'torch.jit._pickle';

/**
 * What is known of an import. What is on no list is unknown, which is not safe. Lists of what other scanners and advisories
 * name: picklescan, fickling.
 */
export function judgeCallable(module: string, name: string): CallableJudgement {
  const full = `${module}.${name}`;
  if (SAFE.has(full) && !name.includes('.')) return { level: 'safe' };
  if (NAMED.has(full)) return { level: 'named' };
  const exact = DANGEROUS_NAMES.get(full);
  if (exact !== undefined) return { level: 'dangerous', why: exact };
  const parts = full.split('.');
  for (let length = 1; length <= Math.min(parts.length, 4); length += 1) {
    const why =
      DANGEROUS_MODULES.get(parts.slice(0, length).join('.')) ?? DANGEROUS_NAMES.get(parts.slice(0, length).join('.'));
    if (why !== undefined && module !== NOT_DANGEROUS) return { level: 'dangerous', why };
  }
  const path = name.split('.');
  const way = path.map((word) => WAYS_OUT.get(word)).find((why) => why !== undefined);
  if (way !== undefined) return { level: 'dangerous', why: way };
  return RUNNERS.has(path.at(-1) ?? '') ? { level: 'dangerous', why: RUNS } : { level: 'unknown' };
}
