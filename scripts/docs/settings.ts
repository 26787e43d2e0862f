/** How an application takes up what each relation gives: one line of Django's settings, and one of a Flask application. */
import type { RELATIONS } from '../../src/wsgi/relations/table.ts';

type Rows = typeof RELATIONS;
/** Endpoints whose rows give the application variables. */
type Giving = { [Name in keyof Rows]: Rows[Name] extends { readonly kind: 'giving' } ? Name : never }[keyof Rows];

interface Settings {
  readonly django: string;
  readonly flask: string;
}

const both = (line: string): Settings => ({ django: line, flask: line });
const env = (name: string): string => `os.environ["${name}"]`;

const baseUrl = {
  django: `CSRF_TRUSTED_ORIGINS = [${env('BASE_URL')}]`,
  flask: `app.config["PREFERRED_URL_SCHEME"] = urlsplit(${env('BASE_URL')}).scheme`,
};
const database = {
  django: 'DATABASES = {"default": dj_database_url.config()}',
  flask: `app.config["SQLALCHEMY_DATABASE_URI"] = ${env('DATABASE_URL')}`,
};
const mongo = {
  django: `client = pymongo.MongoClient(${env('MONGO_URL')})`,
  flask: `app.config["MONGO_URI"] = ${env('MONGO_URL')}`,
};
const redis = {
  django: `CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ${env('REDIS_URL')}}}`,
  flask: `cache = redis.Redis.from_url(${env('REDIS_URL')})`,
};

/** A relation that gives something does not compile without its lines. */
export const SETTINGS: Readonly<Record<Giving, Settings>> = {
  'haproxy-route': baseUrl,
  ingress: baseUrl,
  postgres: database,
  postgresql: database,
  mysql: database,
  mongo,
  mongodb: mongo,
  redis,
  valkey: redis,
  rabbitmq: {
    django: `CELERY_BROKER_URL = ${env('AMQP_URL')}`,
    flask: `celery = Celery(app.name, broker=${env('AMQP_URL')})`,
  },
  s3: {
    django: `STORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": ${env('S3_BUCKET')}}}}`,
    flask: `boto3.client("s3").put_object(Bucket=${env('S3_BUCKET')}, Key="name", Body=b"text")`,
  },
  smtp: {
    django: 'vars().update(env.email_url("EMAIL_URL"))',
    flask: `app.config.update(MAIL_SERVER=${env('SMTP_HOST')}, MAIL_PORT=int(${env('SMTP_PORT')}))`,
  },
  oauth: {
    django: `OIDC_RP_CLIENT_ID = ${env('OAUTH_CLIENT_ID')}`,
    flask: 'app.config.from_prefixed_env(); OAuth(app).register("oauth")',
  },
  saml: both(`metadata = {"remote": [{"url": ${env('SAML_METADATA_URL')}}]}`),
  openfga: both(`configuration = ClientConfiguration(api_url=${env('FGA_API_URL')}, store_id=${env('FGA_STORE_ID')})`),
  tracing: both('provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))'),
  'receive-ca-certs': both('requests.get("https://service.example.internal")'),
  webservice: both(`requests.get(${env('WEBSERVICE_URL')})`),
  'manager-service': both(`requests.get(${env('MANAGER_SERVICE_URL')})`),
};
