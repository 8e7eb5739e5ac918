/// The team's jsonnet library.
enum PropertyLibrary {
    static let app = """
        // What is the same for all our applications: labels, probes, limits, and what the pod security level `restricted` asks for.
        {
          local app = self,

          labels(name):: { app: name, 'app.kubernetes.io/part-of': 'property-register' },

          container(name, image, env={}):: {
            name: name,
            image: image,
            env: [{ name: key, value: env[key] } for key in std.objectFields(env)],
            resources: { requests: { cpu: '250m', memory: '384Mi' }, limits: { memory: '768Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              runAsNonRoot: true,
              seccompProfile: { type: 'RuntimeDefault' },
            },
          },

          pod(name, containers, annotations={}):: {
            metadata: { labels: app.labels(name) } + (if annotations == {} then {} else { annotations: annotations }),
            spec: { containers: containers },
          },

          deployment(name, image, replicas=1, port=8080, env={}, annotations={}):: {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: name, labels: app.labels(name) },
            spec: {
              replicas: replicas,
              selector: { matchLabels: { app: name } },
              template: app.pod(name, [
                app.container(name, image, env) + {
                  ports: [{ name: 'http', containerPort: port }],
                  readinessProbe: { httpGet: { path: '/health/ready', port: 'http' } },
                },
              ], annotations),
            },
          },

          service(name, port=80):: {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: name, labels: app.labels(name) },
            spec: {
              selector: { app: name },
              ports: [{ name: 'http', port: port, targetPort: 'http' }],
            },
          },

          budget(name):: {
            apiVersion: 'policy/v1',
            kind: 'PodDisruptionBudget',
            metadata: { name: name },
            spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
          },

          cronJob(name, schedule, image, env={}):: {
            apiVersion: 'batch/v1',
            kind: 'CronJob',
            metadata: { name: name, labels: app.labels(name) },
            spec: {
              schedule: schedule,
              timeZone: 'Europe/Oslo',
              concurrencyPolicy: 'Forbid',
              jobTemplate: { spec: {
                backoffLimit: 1,
                template: app.pod(name, [app.container(name, image, env)]) + { spec+: { restartPolicy: 'Never' } },
              } },
            },
          },
        }

        """
}
