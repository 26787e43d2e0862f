import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, test } from 'vitest';
import { archiveOf, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const FLASK = {
  BUILD_LABEL: 'flask',
  'requirements.txt': 'flask==3.1.2\n',
  'shop.py': [
    'import os',
    'from flask import Flask',
    'app = Flask(__name__)',
    "@app.get('/')",
    'def index():',
    "    return 'flask says ' + os.environ['GREETING']",
    '',
  ].join('\n'),
};

/** A project as `django-admin startproject` makes it, cut to what a visit counter needs. */
const DJANGO = {
  BUILD_LABEL: 'django',
  'requirements.txt': 'django==5.2.8\n',
  'manage.py': [
    'import os, sys',
    'from django.core.management import execute_from_command_line',
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')",
    'execute_from_command_line(sys.argv)',
    '',
  ].join('\n'),
  'site_/__init__.py': '',
  'site_/settings.py': [
    'import os',
    "SECRET_KEY = os.environ['SECRET_KEY']",
    'DEBUG = False',
    "ALLOWED_HOSTS = ['*']",
    "ROOT_URLCONF = 'site_.urls'",
    "INSTALLED_APPS = ['visits']",
    "DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'",
    "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'data/site.sqlite3'}}",
    '',
  ].join('\n'),
  'site_/urls.py': [
    'from django.http import HttpResponse',
    'from django.urls import path',
    'from visits.models import Visit',
    'def index(request):',
    "    if request.method == 'POST': Visit.objects.create()",
    "    return HttpResponse('%d visits' % Visit.objects.count())",
    'from django.views.decorators.csrf import csrf_exempt',
    "urlpatterns = [path('', csrf_exempt(index))]",
    '',
  ].join('\n'),
  'site_/wsgi.py': [
    'import os',
    'from django.core.wsgi import get_wsgi_application',
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')",
    'application = get_wsgi_application()',
    '',
  ].join('\n'),
  'visits/__init__.py': '',
  'visits/models.py': 'from django.db import models\nclass Visit(models.Model):\n    pass\n',
  'visits/migrations/__init__.py': '',
  'visits/migrations/0001_initial.py': [
    'from django.db import migrations, models',
    'class Migration(migrations.Migration):',
    '    initial = True',
    "    operations = [migrations.CreateModel('Visit', [('id', models.BigAutoField(primary_key=True))])]",
    '',
  ].join('\n'),
};

describe('applications from the Python world', () => {
  test('a Flask application, its requirements from an index, its settings from the environment', async () => {
    await using model = await newModel();
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK, wsgi_module: 'shop:app', environment_variables: 'GREETING="good day"' },
      resources: { build: await archiveOf(FLASK) },
    });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving flask on port 8080' });
    expect(await page(model)).toBe('flask says good day');

    await model.config('wsgi', { environment_variables: "GREETING='bye'" });
    expect(await page(model)).toBe('flask says bye');
  });

  test('a Django project from a folder of wheels and no index, that migrates SQLite in a data path', async () => {
    const wheels = await wheelsOf('django==5.2.8');
    await using model = await newModel();
    await model.deploy(await charmWithData('data'), {
      application: 'wsgi',
      config: {
        port: '8080',
        ...QUICK,
        wsgi_module: 'site_.wsgi:application',
        pip_cache_dir: 'wheels',
        provision_command: 'python manage.py migrate --no-input',
        environment_variables: 'SECRET_KEY=x PIP_INDEX_URL=http://127.0.0.1:1/',
      },
      resources: { build: await archiveOf(DJANGO, 'build.tar.gz', { wheels }) },
    });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving django on port 8080' });
    expect(await page(model)).toBe('0 visits');
    const { host, port } = await model.unit('wsgi/0').endpoint(8080);
    await fetch(`http://${host}:${port}/`, { method: 'POST', headers: { connection: 'close' } });

    await model.attachResource(
      'wsgi',
      'build',
      await archiveOf({ ...DJANGO, BUILD_LABEL: 'django2' }, 'build.tar.gz', { wheels }),
    );
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving django2 on port 8080' });
    expect(await page(model)).toBe('1 visits');
  });
});

/** Wheels of a requirement and of all that it needs. */
async function wheelsOf(requirement: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-wheels-'));
  await execa('python3', ['-m', 'pip', 'download', '--quiet', '--only-binary=:all:', '-d', folder, requirement]);
  return folder;
}

/** The charm with a wsgi.yaml of its own. */
async function charmWithData(path: string): Promise<string> {
  const charm = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-data-')), 'charm');
  await cp(inject('charm'), charm, { recursive: true });
  await writeFile(join(charm, 'wsgi.yaml'), `application_root: /srv\nusername: wsgi\ndata_paths: [${path}]\n`);
  return charm;
}
