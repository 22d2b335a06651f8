/** Where a service is, told apart from what nobody may read. */
export interface ServiceUrl {
  /** Without a slash at its end, name, password, query and fragment. */
  readonly url: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
  /** What `authorization` says for a name and password in the address; undefined where there are none. */
  readonly basic: string | undefined;
}

/** Takes the address of a service apart, as a setting has it. */
export function readServiceUrl(setting: string): ServiceUrl {
  const url = new URL(setting);
  const { username, password, search } = url;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  const credentials = Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64');
  return {
    url: url.href.replace(/\/+$/, ''),
    query: search,
    basic: username === '' && password === '' ? undefined : `Basic ${credentials}`,
  };
}

/** A percent sign that escapes nothing stands for itself: browsers take `us%er` too. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
