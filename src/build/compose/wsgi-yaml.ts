import { load } from 'js-yaml';
import { z } from 'zod';
import { CharmError, mistakes } from '../errors.ts';
import { contentOf, type Tree } from '../tree.ts';

const isAbsolute = /^\/[^\0]*$/;
const staysWithin = (path: string) => !path.startsWith('/') && !path.split('/').includes('..') && path !== '';

/** wsgi.yaml: where the application is, who runs it, and which of its folders it writes. */
const WsgiYaml = z.strictObject({
  application_root: z
    .string()
    .regex(isAbsolute, 'has to be an absolute path, such as /srv')
    .refine((path) => !path.split('/').includes('..'), 'has to be a path without ..')
    .refine((path) => path !== '/', 'cannot be the root of the machine')
    .optional(),
  username: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'has to be a user name: lower-case letters, digits, _ and -, at most 32')
    .refine((name) => name !== 'root', 'cannot be root')
    .optional(),
  data_paths: z.array(z.string().refine(staysWithin, 'has to be a path within the application, without ..')).optional(),
});

/** @throws CharmError with a line for each mistake in the wsgi.yaml of a charm */
export async function checkWsgiYaml(files: Tree): Promise<void> {
  const node = files.get('wsgi.yaml');
  if (node === undefined) return;
  const result = WsgiYaml.safeParse(load(Buffer.from(await contentOf(node)).toString()) ?? {});
  if (result.success) return;
  throw new CharmError(mistakes('wsgi.yaml', result.error).join('\n'));
}
