/** Builds of the applications in test/fixtures, with the wheels of their requirements in them. */
import { join } from 'node:path';
import { wheelsFor } from '../servers/wheels.ts';
import { archiveOf } from './wsgi-model.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/** Where the provider charms are. */
export const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** What the charm needs to be told of such a build. */
export const FROM_WHEELS = { pip_cache_dir: 'wheels' } as const;

/** @returns path of an archive, to be given as the resource `build` */
export async function fixtureBuild(
  name: 'django-rows' | 'flask-mongo' | 'flask-services' | 'flask-stores',
): Promise<string> {
  const wheels = await wheelsFor(join(FIXTURES, name, 'requirements.txt'));
  return archiveOf({ BUILD_LABEL: name }, 'build.tar.gz', { '.': join(FIXTURES, name), wheels });
}
