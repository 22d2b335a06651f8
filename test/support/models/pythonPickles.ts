import type { SafetyLevel } from '../../../src/library/models/pickleVerdict.ts';

export interface PythonPickle {
  readonly name: string;
  readonly level: SafetyLevel;
  readonly base64: string;
}

/** What CPython 3.11.7 wrote with numpy 2.4.6, by `pickle.dumps`. */
export const PYTHON_PICKLES: readonly PythonPickle[] = [
  {
    name: 'plain data, protocol 0',
    level: 'safe',
    base64:
      'Y2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnAwCih0UnAxClZhCnAyCkkxCnNWYgpwMwoobHA0CkYxLjUKYU5hSTAxCmFzVmMKcDUKKGRwNgpWeApwNwooSTEKSTIKSTMKSTQKdHA4CnNzVmQKcDkKY19jb2RlY3MKZW5jb2RlCnAxMAooVmJ5dGVzCnAxMQpWbGF0aW4xCnAxMgp0cDEzClJwMTQKc1ZlCnAxNQpMMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKc1ZmCnAxNgpW6Vx1NGUyZApwMTcKc1ZnCnAxOApjX19idWlsdGluX18Kc2V0CnAxOQooKGxwMjAKSTEKYUkyCmF0cDIxClJwMjIKc1ZoCnAyMwpjZGF0ZXRpbWUKdGltZWRlbHRhCnAyNAooSTMKSTAKSTAKdHAyNQpScDI2CnMu',
  },
  {
    name: 'plain data, protocol 1',
    level: 'safe',
    base64:
      'Y2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAShYAQAAAGFxAksBWAEAAABicQNdcQQoRz/4AAAAAAAATkkwMQplWAEAAABjcQV9cQZYAQAAAHhxByhLAUsCSwNLBHRxCHNYAQAAAGRxCWNfY29kZWNzCmVuY29kZQpxCihYBQAAAGJ5dGVzcQtYBgAAAGxhdGluMXEMdHENUnEOWAEAAABlcQ9MMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKWAEAAABmcRBYBQAAAMOp5LitcRFYAQAAAGdxEmNfX2J1aWx0aW5fXwpzZXQKcRMoXXEUKEsBSwJldHEVUnEWWAEAAABocRdjZGF0ZXRpbWUKdGltZWRlbHRhCnEYKEsDSwBLAHRxGVJxGnUu',
  },
  {
    name: 'plain data, protocol 2',
    level: 'safe',
    base64:
      'gAJjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgBAAAAYXECSwFYAQAAAGJxA11xBChHP/gAAAAAAABOiGVYAQAAAGNxBX1xBlgBAAAAeHEHKEsBSwJLA0sEdHEIc1gBAAAAZHEJY19jb2RlY3MKZW5jb2RlCnEKWAUAAABieXRlc3ELWAYAAABsYXRpbjFxDIZxDVJxDlgBAAAAZXEPigkAAAAAAAAAAEBYAQAAAGZxEFgFAAAAw6nkuK1xEVgBAAAAZ3ESY19fYnVpbHRpbl9fCnNldApxE11xFChLAUsCZYVxFVJxFlgBAAAAaHEXY2RhdGV0aW1lCnRpbWVkZWx0YQpxGEsDSwBLAIdxGVJxGnUu',
  },
  {
    name: 'plain data, protocol 3',
    level: 'safe',
    base64:
      'gANjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgBAAAAYXECSwFYAQAAAGJxA11xBChHP/gAAAAAAABOiGVYAQAAAGNxBX1xBlgBAAAAeHEHKEsBSwJLA0sEdHEIc1gBAAAAZHEJQwVieXRlc3EKWAEAAABlcQuKCQAAAAAAAAAAQFgBAAAAZnEMWAUAAADDqeS4rXENWAEAAABncQ5jYnVpbHRpbnMKc2V0CnEPXXEQKEsBSwJlhXERUnESWAEAAABocRNjZGF0ZXRpbWUKdGltZWRlbHRhCnEUSwNLAEsAh3EVUnEWdS4=',
  },
  {
    name: 'plain data, protocol 4',
    level: 'safe',
    base64:
      'gASVrQAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpQojAFhlEsBjAFilF2UKEc/+AAAAAAAAE6IZYwBY5R9lIwBeJQoSwFLAksDSwR0lHOMAWSUQwVieXRlc5SMAWWUigkAAAAAAAAAAECMAWaUjAXDqeS4rZSMAWeUj5QoSwFLApCMAWiUjAhkYXRldGltZZSMCXRpbWVkZWx0YZSTlEsDSwBLAIeUUpR1Lg==',
  },
  {
    name: 'plain data, protocol 5',
    level: 'safe',
    base64:
      'gAWVrQAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpQojAFhlEsBjAFilF2UKEc/+AAAAAAAAE6IZYwBY5R9lIwBeJQoSwFLAksDSwR0lHOMAWSUQwVieXRlc5SMAWWUigkAAAAAAAAAAECMAWaUjAXDqeS4rZSMAWeUj5QoSwFLApCMAWiUjAhkYXRldGltZZSMCXRpbWVkZWx0YZSTlEsDSwBLAIeUUpR1Lg==',
  },
  {
    name: 'numpy arrays and scalars, protocol 2',
    level: 'safe',
    base64:
      'gAJ9cQAoWAEAAABhcQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEY19jb2RlY3MKZW5jb2RlCnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLA4ZxDGNudW1weQpkdHlwZQpxDVgCAAAAZjRxDomIh3EPUnEQKEsDWAEAAAA8cRFOTk5K/////0r/////SwB0cRJiiWgFWBsAAAAAAAAAAADCgD8AAABAAABAQAAAwoBAAADCoEBxE2gHhnEUUnEVdHEWYlgBAAAAYnEXY251bXB5Ll9jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnEYaA1YAgAAAGY4cRmJiIdxGlJxGyhLA2gRTk5OSv////9K/////0sAdHEcYmgFWAgAAAAAAAAAAAAMQHEdaAeGcR5ScR+GcSBScSFYAQAAAGNxImgYaA1YAgAAAGk4cSOJiIdxJFJxJShLA2gRTk5OSv////9K/////0sAdHEmYmgFWAgAAAACAAAAAAAAAHEnaAeGcShScSmGcSpScSt1Lg==',
  },
  {
    name: 'numpy arrays and scalars, protocol 4',
    level: 'safe',
    base64:
      'gASVKAEAAAAAAAB9lCiMAWGUjBZudW1weS5fY29yZS5tdWx0aWFycmF5lIwMX3JlY29uc3RydWN0lJOUjAVudW1weZSMB25kYXJyYXmUk5RLAIWUQwFilIeUUpQoSwFLAksDhpRoBYwFZHR5cGWUk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKJQxgAAAAAAACAPwAAAEAAAEBAAACAQAAAoECUdJRijAFilGgCjAZzY2FsYXKUk5RoDowCZjiUiYiHlFKUKEsDaBJOTk5K/////0r/////SwB0lGJDCAAAAAAAAAxAlIaUUpSMAWOUaBhoDowCaTiUiYiHlFKUKEsDaBJOTk5K/////0r/////SwB0lGJDCAIAAAAAAAAAlIaUUpR1Lg==',
  },
  {
    name: 'numpy arrays and scalars, protocol 5',
    level: 'safe',
    base64:
      'gAWVKgEAAAAAAAB9lCiMAWGUjBNudW1weS5fY29yZS5udW1lcmljlIwLX2Zyb21idWZmZXKUk5QolhgAAAAAAAAAAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAlIwFbnVtcHmUjAVkdHlwZZSTlIwCZjSUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYksCSwOGlIwBQ5R0lFKUjAFilIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMBnNjYWxhcpSTlGgIjAJmOJSJiIeUUpQoSwNoDE5OTkr/////Sv////9LAHSUYkMIAAAAAAAADECUhpRSlIwBY5RoFWgIjAJpOJSJiIeUUpQoSwNoDE5OTkr/////Sv////9LAHSUYkMIAgAAAAAAAACUhpRSlHUu',
  },
  {
    name: 'a big list of one frame and a long text',
    level: 'safe',
    base64:
      'gASVdwEAAAAAAABdlChdlChLAEsBSwJLA0sESwVLBksHSwhLCUsKSwtLDEsNSw5LD0sQSxFLEksTSxRLFUsWSxdLGEsZSxpLG0scSx1lWCwBAAB4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHiUZS4=',
  },
  {
    name: 'a call of os.system, protocol 0',
    level: 'dangerous',
    base64: 'Y3Bvc2l4CnN5c3RlbQpwMAooVmVjaG8KcDEKdHAyClJwMwou',
  },
  {
    name: 'a call of os.system, protocol 2',
    level: 'dangerous',
    base64: 'gAJjcG9zaXgKc3lzdGVtCnEAWAQAAABlY2hvcQGFcQJScQMu',
  },
  {
    name: 'a call of os.system, protocol 5',
    level: 'dangerous',
    base64: 'gAWVHwAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjARlY2hvlIWUUpQu',
  },
  { name: 'a call of eval', level: 'dangerous', base64: 'gASVHQAAAAAAAACMCGJ1aWx0aW5zlIwEZXZhbJSTlIwBMZSFlFKULg==' },
  {
    name: 'a call of getattr',
    level: 'dangerous',
    base64: 'gASVKAAAAAAAAACMCGJ1aWx0aW5zlIwHZ2V0YXR0cpSTlIwBYZSMBXVwcGVylIaUUpQu',
  },
  {
    name: 'a call of subprocess.Popen among data',
    level: 'dangerous',
    base64: 'gASVNQAAAAAAAAB9lIwBd5RdlChLAUsCjApzdWJwcm9jZXNzlIwFUG9wZW6Uk5RdlIwEdHJ1ZZRhhZRSlGVzLg==',
  },
  {
    name: 'an object of functools.partial',
    level: 'dangerous',
    base64: 'gAJjZnVuY3Rvb2xzCnBhcnRpYWwKcQBjX19idWlsdGluX18KcHJpbnQKcQGFcQJScQMoaAFYAQAAAGFxBIVxBX1xBk50cQdiLg==',
  },
  {
    name: 'an object of operator.attrgetter',
    level: 'dangerous',
    base64: 'gAJjb3BlcmF0b3IKYXR0cmdldHRlcgpxAFgDAAAAYS5icQGFcQJScQMu',
  },
  { name: 'a fraction', level: 'suspicious', base64: 'gASVIgAAAAAAAACMCWZyYWN0aW9uc5SMCEZyYWN0aW9ulJOUSwFLA4aUUpQu' },
];
