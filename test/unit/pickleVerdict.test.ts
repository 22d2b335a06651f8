import assert from 'node:assert/strict';

import { bytesOf } from '../../src/library/models/byteSource.ts';
import { readPickleFile } from '../../src/library/models/pickleContainer.ts';
import { judgeCallable } from '../../src/library/models/pickleCallables.ts';
import { pickleOpcode } from '../../src/library/models/pickleOpcodes.ts';
import type { PickleVerdict } from '../../src/library/models/pickleVerdict.ts';
import {
  APPENDS,
  BINPERSID,
  BUILD,
  bytes,
  DUP,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  ext,
  frame,
  get,
  global,
  inst,
  int,
  line,
  MARK,
  MEMOIZE,
  NEWOBJ,
  NEWOBJ_EX,
  NONE,
  OBJ,
  pickle,
  POP,
  POP_MARK,
  proto,
  put,
  REDUCE,
  SETITEM,
  SETITEMS,
  shortText,
  STACK_GLOBAL,
  stateDict,
  STOP,
  text,
  torchTensor,
  TUPLE,
  TUPLE1,
  TUPLE2,
} from '../support/models/pickleAssembler.ts';
import { PYTHON_PICKLES } from '../support/models/pythonPickles.ts';

function verdictOf(...parts: readonly Uint8Array[]): PickleVerdict {
  return readPickleFile(bytesOf(pickle(...parts))).verdict;
}

function assertDangerous(name: string, ...parts: readonly Uint8Array[]): void {
  const verdict = verdictOf(...parts);
  assert.equal(verdict.level, 'dangerous', verdict.reasons.join(' '));
  assert.ok(
    verdict.callables.some((callable) => callable.name === name && callable.level === 'dangerous'),
    `${name} is not among ${verdict.callables.map((callable) => callable.name).join(', ')}`,
  );
  assert.match(verdict.reasons[0] ?? '', /^It (calls|names) ".*", which .*\.$/);
}

function assertSuspicious(reason: RegExp, ...parts: readonly Uint8Array[]): void {
  const verdict = verdictOf(...parts);
  assert.equal(verdict.level, 'suspicious', verdict.reasons.join(' '));
  assert.match(verdict.reasons.join(' '), reason);
}

const COMMAND = [text('echo'), TUPLE1, REDUCE, STOP];

describe('the verdict on a pickle', () => {
  it('is safe for a state dict of torch', () => {
    const verdict = verdictOf(stateDict(new Map([['weight', torchTensor('HalfStorage', '0', 6, [2, 3])]])));
    assert.deepEqual([verdict.level, verdict.reasons], ['safe', []]);
    assert.deepEqual(verdict.callables.map(({ name }) => name).sort(), [
      'collections.OrderedDict',
      'torch.HalfStorage',
      'torch._utils._rebuild_tensor_v2',
    ]);
  });

  for (const { name, level, base64 } of PYTHON_PICKLES) {
    it(`is ${level} for what Python wrote: ${name}`, () => {
      const verdict = verdictOf(Buffer.from(base64, 'base64'));
      assert.equal(verdict.level, level, verdict.reasons.join(' '));
    });
  }

  it('is suspicious for a class that is on no list', () => {
    assertSuspicious(
      /calls "my_model.Net", of which nothing is known/,
      global('my_model', 'Net'),
      EMPTY_TUPLE,
      REDUCE,
      STOP,
    );
  });

  it('is safe for a class of checkpoints that is a key, and not once it is called', () => {
    const named = global('pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint');
    assert.equal(verdictOf(EMPTY_DICT, named, NONE, SETITEM, STOP).level, 'safe');
    assertSuspicious(/only name/, named, EMPTY_TUPLE, REDUCE, STOP);
  });

  describe('names the dangerous callable that is reached', () => {
    it('by GLOBAL and REDUCE', () => assertDangerous('os.system', global('os', 'system'), ...COMMAND));

    it('by GLOBAL alone, without a call', () => assertDangerous('os.system', global('os', 'system'), STOP));

    it('by INST', () => assertDangerous('os.system', MARK, text('echo'), inst('os', 'system'), STOP));

    it('by OBJ', () => assertDangerous('os.system', MARK, global('os', 'system'), text('echo'), OBJ, STOP));

    it('by OBJ whose result is dropped', () =>
      assertDangerous('os.system', MARK, global('os', 'system'), text('echo'), OBJ, POP, NONE, STOP));

    it('by NEWOBJ', () =>
      assertDangerous('subprocess.Popen', proto(2), global('subprocess', 'Popen'), text('a'), TUPLE1, NEWOBJ, STOP));

    it('by NEWOBJ_EX', () =>
      assertDangerous(
        'subprocess.Popen',
        ...[proto(4), shortText('subprocess'), shortText('Popen'), STACK_GLOBAL],
        ...[EMPTY_TUPLE, EMPTY_DICT, NEWOBJ_EX, STOP],
      ));

    it('by STACK_GLOBAL', () =>
      assertDangerous('posix.system', proto(4), shortText('posix'), shortText('system'), STACK_GLOBAL, ...COMMAND));

    it('by STACK_GLOBAL whose names were made with other opcodes of text', () => {
      const ways = [
        line('V', 'system'),
        line('S', "'system'"),
        line('S', '"system"  '),
        line('S', String.raw`'\x73\171stem'`),
        line('V', String.raw`\u0073ystem`),
        Buffer.from('U\x06system', 'latin1'),
        Buffer.from('T\x06\0\0\0system', 'latin1'),
        Buffer.from('\x8d\x06\0\0\0\0\0\0\0system', 'latin1'),
      ];
      for (const way of ways) assertDangerous('nt.system', proto(4), shortText('nt'), way, STACK_GLOBAL, ...COMMAND);
    });

    it('by STACK_GLOBAL with values of no use between its names', () =>
      assertDangerous(
        'os.system',
        ...[proto(4), shortText('os'), NONE, POP, MARK, int(1), POP_MARK, shortText('x'), POP],
        ...[shortText('system'), DUP, POP, STACK_GLOBAL, ...COMMAND],
      ));

    it('by names that come from the memo', () =>
      assertDangerous(
        'os.system',
        ...[proto(4), shortText('os'), MEMOIZE, shortText('system'), MEMOIZE, POP, POP],
        ...[get(0), get(1), STACK_GLOBAL, ...COMMAND],
      ));

    it('by a memo that is written over', () =>
      assertDangerous(
        'os.system',
        ...[proto(4), shortText('collections'), put(0), POP, shortText('OrderedDict'), put(1), POP],
        ...[shortText('os'), put(0), POP, shortText('system'), put(1), POP],
        ...[get(0), get(1), STACK_GLOBAL, ...COMMAND],
      ));

    it('by MEMOIZE, which counts what the memo holds and not how often it was written', () =>
      assertDangerous(
        'os.system',
        ...[proto(4), shortText('os'), put(0), put(0), POP, shortText('system'), MEMOIZE, POP],
        ...[get(0), get(1), STACK_GLOBAL, ...COMMAND],
      ));

    it('by memo numbers written as Python reads them', () =>
      assertDangerous(
        'os.system',
        ...[proto(4), shortText('os'), line('p', ' 1_0 '), POP, shortText('system'), line('p', '+11'), POP],
        ...[line('g', '10'), line('g', '1_1'), STACK_GLOBAL, ...COMMAND],
      ));

    it('by a callable kept in the memo', () =>
      assertDangerous('os.system', proto(2), global('os', 'system'), put(7), POP, NONE, POP, get(7), ...COMMAND));

    it('by REDUCE of getattr', () =>
      assertDangerous(
        '__builtin__.getattr',
        ...[global('__builtin__', 'getattr'), global('collections', 'OrderedDict'), text('fromkeys'), TUPLE2, REDUCE],
        ...COMMAND,
      ));

    it('by a dotted name that leads out of a harmless module', () => {
      assertDangerous(
        'torch.serialization.os.system',
        proto(4),
        shortText('torch'),
        shortText('serialization.os.system'),
        STACK_GLOBAL,
        ...COMMAND,
      );
      assertDangerous(
        'collections.OrderedDict.__init__.__globals__',
        proto(4),
        global('collections', 'OrderedDict.__init__.__globals__'),
        STOP,
      );
    });

    it('by operator.attrgetter', () =>
      assertDangerous('operator.attrgetter', global('operator', 'attrgetter'), text('system'), TUPLE1, REDUCE, STOP));

    it('by functools.partial', () =>
      assertDangerous('functools.partial', global('functools', 'partial'), global('a', 'b'), TUPLE1, REDUCE, STOP));

    it('in a second pickle behind the first', () =>
      assertDangerous('os.system', proto(2), NONE, STOP, proto(2), global('os', 'system'), ...COMMAND));

    it('in a second pickle of protocol 0', () =>
      assertDangerous('os.system', NONE, STOP, global('os', 'system'), ...COMMAND));

    it('in the magic number of a file of old torch', () =>
      assertDangerous(
        'builtins.eval',
        proto(2),
        global('builtins', 'eval'),
        text('1'),
        TUPLE1,
        REDUCE,
        STOP,
        NONE,
        STOP,
      ));

    it('in a pickle that is broken behind it', () => {
      assertDangerous('os.system', global('os', 'system'), text('echo'), TUPLE1, REDUCE, Buffer.from([0xff]));
      assertDangerous('os.system', global('os', 'system'), text('echo'), TUPLE1, REDUCE, Buffer.from('X\xff'));
    });

    it('behind an opcode that a loader stops at', () => {
      assertDangerous('os.system', REDUCE, global('os', 'system'), ...COMMAND);
      assertDangerous('os.system', get(99), global('os', 'system'), ...COMMAND);
      assertDangerous('os.system', POP_MARK, APPENDS, global('os', 'system'), ...COMMAND);
    });

    it('in a pickle inside of a pickle', () => {
      const inner = pickle(proto(2), global('os', 'system'), ...COMMAND);
      const outer = [proto(2), global('torch.storage', '_load_from_bytes'), bytes(inner), TUPLE1, REDUCE, STOP];
      assertDangerous('os.system', ...outer);
      const thrice = pickle(
        proto(2),
        global('torch.storage', '_load_from_bytes'),
        bytes(pickle(...outer)),
        TUPLE1,
        REDUCE,
        STOP,
      );
      assertDangerous('os.system', thrice);
    });

    it('by pickle itself', () =>
      assertDangerous('_pickle.loads', global('_pickle', 'loads'), bytes(pickle(NONE, STOP)), TUPLE1, REDUCE, STOP));

    it('as an argument of a harmless function that calls it', () =>
      assertDangerous(
        'os.system',
        ...[proto(2), global('torch._tensor', '_rebuild_from_type_v2'), MARK, global('os', 'system')],
        ...[global('torch', 'Tensor'), text('echo'), TUPLE1, NONE, TUPLE, REDUCE, STOP],
      ));

    it('as a class that a harmless function makes an object of', () =>
      assertDangerous(
        'subprocess.Popen',
        ...[
          global('copy_reg', '_reconstructor'),
          MARK,
          global('subprocess', 'Popen'),
          global('__builtin__', 'object'),
          NONE,
        ],
        ...[TUPLE, REDUCE, STOP],
      ));

    it('as the state of an object', () =>
      assertDangerous(
        'os.system',
        ...[global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE],
        ...[EMPTY_DICT, text('__setstate__'), global('os', 'system'), SETITEM, BUILD, STOP],
      ));

    it('by changing a module that is already loaded, so that a harmless name leads elsewhere', () => {
      const verdict = verdictOf(
        ...[proto(4), shortText('torch'), shortText('_utils'), STACK_GLOBAL, put(0)],
        ...[EMPTY_DICT, shortText('_rebuild_tensor'), shortText('builtins'), SETITEM, BUILD, POP],
        ...[shortText('torch._utils'), shortText('_rebuild_tensor'), STACK_GLOBAL, shortText('eval'), STACK_GLOBAL],
        ...COMMAND,
      );
      assert.equal(verdict.level, 'dangerous');
      assert.match(verdict.reasons[0] ?? '', /changes "_utils" for the whole program/);
    });

    it('as a default of a dictionary', () =>
      assertDangerous(
        'builtins.exec',
        global('collections', 'defaultdict'),
        global('builtins', 'exec'),
        TUPLE1,
        REDUCE,
        STOP,
      ));

    it('from any module that runs, loads, writes or sends', () => {
      const rows = [
        'posix.system nt.system os.popen sys.exit subprocess.run commands.getoutput pty.spawn runpy.run_path',
        'builtins.eval builtins.exec builtins.compile builtins.open builtins.__import__ __builtin__.execfile __builtin__.apply',
        'importlib.import_module imp.load_source pkgutil.resolve_name zipimport.zipimporter marshal.loads dill.loads',
        'cloudpickle.cloudpickle._make_function joblib.load shelve.open torch.load torch.serialization.load torch.hub.load',
        'torch.jit.unsupported_tensor_ops.execWrapper torch._inductor.codecache.compile_file torch.utils.cpp_extension.load',
        'torch.utils.bottleneck.__main__.run_cprofile torch.utils.collect_env.run numpy.testing._private.utils.runstring',
        'torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression numpy.f2py.crackfortran.getlincoef',
        'numpy.load numpy.ctypeslib.load_library pandas.read_pickle socket.socket ssl.get_server_certificate shutil.rmtree',
        'ctypes.CDLL webbrowser.open urllib.request.urlopen urllib2.urlopen requests.get http.client.HTTPSConnection',
        'logging.FileHandler io.FileIO _io.FileIO io.open code.InteractiveInterpreter.runcode pdb.run bdb.Bdb timeit.timeit',
        'trace.Trace.runctx doctest.debug_script pydoc.pipepager cProfile.run idlelib.run.Executive.runcode lib2to3.x.y',
        'imaplib.IMAP4_stream asyncio.run multiprocessing.Process threading.Thread types.CodeType types.FunctionType',
        'operator.methodcaller _operator.attrgetter functools.reduce uuid._get_command_stdout _osx_support._read_output',
        'pip._internal.main ensurepip._run_pip venv.create distutils.file_util.write_file test.support.script_helper.x',
        'some_package.compat.system some_package.import_module gc.get_objects inspect.getattr_static site.main',
      ];
      for (const full of rows.join(' ').split(' ')) {
        const cut = full.lastIndexOf('.');
        assert.equal(judgeCallable(full.slice(0, cut), full.slice(cut + 1)).level, 'dangerous', full);
      }
    });
  });

  describe('is suspicious where it cannot be told', () => {
    it('what a name is that is put together when it is loaded', () =>
      assertSuspicious(
        /name is only known when it runs/,
        ...[proto(4), shortText('os')],
        ...[shortText('my_text'), shortText('join'), STACK_GLOBAL, shortText('sys'), shortText('tem'), TUPLE2, REDUCE],
        ...[STACK_GLOBAL, ...COMMAND],
      ));

    it('what a name is that is no text', () => {
      assertSuspicious(
        /only known when it runs/,
        proto(4),
        shortText('os'),
        bytes(Buffer.from('x')),
        STACK_GLOBAL,
        ...COMMAND,
      );
      assertSuspicious(/only known when it runs/, proto(4), shortText('os'), int(3), STACK_GLOBAL, ...COMMAND);
    });

    it('what a name is that is longer than any name', () => {
      const long = text(`os${'.x'.repeat(4_000)}`);
      assertSuspicious(/only known when it runs/, proto(4), long, shortText('system'), STACK_GLOBAL, ...COMMAND);
    });

    it('what a name is that the memo does not hold', () =>
      assertSuspicious(/memo/, proto(4), shortText('os'), get(4), STACK_GLOBAL, ...COMMAND));

    it('what is called', () => {
      assertSuspicious(/calls something/, proto(2), get(3), EMPTY_TUPLE, REDUCE, STOP);
      assertSuspicious(
        /calls something/,
        global('collections', 'OrderedDict'),
        EMPTY_TUPLE,
        REDUCE,
        EMPTY_TUPLE,
        REDUCE,
        STOP,
      );
    });

    it('what an extension code stands for', () => {
      assertSuspicious(/by a number/, proto(2), ext(1), STOP);
      assertSuspicious(/by a number/, proto(2), Buffer.from([0x83, 1, 0]), STOP);
      assertSuspicious(/by a number/, proto(2), Buffer.from([0x84, 1, 0, 0, 0]), STOP);
    });

    it('what a persistent id stands for', () => {
      assertSuspicious(/from outside/, line('P', 'anything'), STOP);
      assertSuspicious(/from outside/, proto(2), text('module'), global('torch', 'Tensor'), TUPLE2, BINPERSID, STOP);
    });

    it('what an unknown opcode does', () => {
      for (let byte = 0; byte < 256; byte += 1) {
        if (pickleOpcode(byte) !== undefined) continue;
        assertSuspicious(/opcode that no version/, proto(2), NONE, Buffer.from([byte]), STOP);
      }
    });

    it('what a newer protocol means', () => assertSuspicious(/protocol/, Buffer.from([0x80, 6]), NONE, STOP));

    it('what is in a part that is missing', () => {
      assertSuspicious(/ends in the middle/, proto(2), NONE);
      assertSuspicious(/ends in the middle/, proto(2), Buffer.from([0x58, 255, 255, 255, 255]));
      assertSuspicious(/ends in the middle/, proto(2), Buffer.from('cos'));
    });

    it('where a frame ends', () => {
      assertSuspicious(/frames/, proto(4), frame(2), shortText('abcdef'), STOP);
      assertSuspicious(/frames/, proto(4), frame(20), frame(2), NONE, STOP);
      assertSuspicious(/frames/, proto(4), frame(2 ** 40), NONE, STOP);
    });

    it('what is encoded in an unusual way', () => {
      const encode = (encoding: string): Uint8Array[] => [
        global('_codecs', 'encode'),
        text('a'),
        text(encoding),
        TUPLE2,
        REDUCE,
        STOP,
      ];
      assert.equal(verdictOf(...encode('latin1')).level, 'safe');
      assertSuspicious(/unusual way/, ...encode('rot13'));
    });

    it('what is given a state and has none', () =>
      assertSuspicious(/changes something/, NONE, EMPTY_DICT, BUILD, STOP));

    it('what is put into something that is no container', () =>
      assertSuspicious(/no container/, global('torch', 'float32'), MARK, NONE, NONE, SETITEMS, STOP));

    it('what is unpickled from bytes that a call makes', () =>
      assertSuspicious(
        /unpickles bytes/,
        global('torch.storage', '_load_from_bytes'),
        EMPTY_LIST,
        TUPLE1,
        REDUCE,
        STOP,
      ));

    it('what needs buffers from outside', () => assertSuspicious(/not in it/, proto(5), Buffer.from([0x97]), STOP));

    it('what takes more from the stack than is there', () => {
      assertSuspicious(/stack/, proto(2), STOP);
      assertSuspicious(/stack/, proto(2), NONE, MARK, TUPLE1, STOP);
    });

    it('what follows the pickle', () => assertSuspicious(/opcode/, proto(2), NONE, STOP, Buffer.alloc(16)));

    it('whether a dotted name of an allowed class does more than the class', () =>
      assertSuspicious(
        /nothing is known/,
        proto(4),
        shortText('torch'),
        shortText('Tensor.apply_'),
        STACK_GLOBAL,
        STOP,
      ));
  });
});
