/// The cadastre and what belongs to it, in jsonnet.
enum PropertyRegister {
    static func api(tag: String) -> [String: String] {
        var files: [String: String] = [:]
        for (cluster, replicas) in [("dev", 1), ("test", 2), ("prod", 4)] {
            files["env/\(cluster)/matrikkel-api/main.jsonnet"] = """
                local app = import '../../../lib/app.libsonnet';

                [
                  app.deployment(
                    'api',
                    'registry.kart.example/eiendom/matrikkel-api:\(tag)',
                    replicas=\(replicas),
                    env={ DB_POOL: '\(replicas * 10)', ENVIRONMENT: '\(cluster)' },
                  ),
                  app.service('api'),
                  app.budget('api'),
                ]

                """
        }
        return files
    }

    /// - Parameter tags: Cluster → tag. A tag that no registry could have makes the pull fail, as it would in earnest.
    static func search(in tags: [String: String]) -> [String: String] {
        var files: [String: String] = [:]
        for (cluster, tag) in tags {
            let isMistyped = tag.contains { $0.isLetter }
            // Simulated nodes know no registries. This makes the pull fail, as the tag would on a real one.
            let annotations = isMistyped ? "\n    annotations={ 'sim.varde.dev/fail': 'image-pull' }," : ""
            let comment =
                isMistyped
                ? "// The nodes of the demonstration are simulated; the annotation stands for the registry's \"not found\".\n"
                : ""
            files["env/\(cluster)/matrikkel-search/main.jsonnet"] = """
                local app = import '../../../lib/app.libsonnet';

                \(comment)[
                  app.deployment(
                    'search',
                    'registry.kart.example/eiendom/matrikkel-search:\(tag)',
                    replicas=\(cluster == "dev" ? 1 : 3),
                    env={ INDEX_URL: 'http://index:9200' },\(annotations)
                  ),
                  app.service('search'),
                  app.deployment('index', 'registry.kart.example/mirror/opensearch:3.2.0', port=9200),
                  app.service('index', port=9200),
                ]

                """
        }
        return files
    }

    static let landRegister: [String: String] = {
        var files: [String: String] = [:]
        for cluster in ["test", "prod"] {
            files["env/\(cluster)/eiendom-grunnbok/main.jsonnet"] = """
                local app = import '../../../lib/app.libsonnet';

                [
                  app.deployment('receiver', 'registry.kart.example/eiendom/grunnbok-receiver:2.4.0', replicas=2),
                  app.service('receiver'),
                  app.cronJob('reconcile', '15 4 * * *', 'registry.kart.example/eiendom/grunnbok-reconcile:2.4.0'),
                ]

                """
        }
        return files
    }()

    static let reports: [String: String] = {
        var files: [String: String] = [:]
        for cluster in ["test", "prod"] {
            files["env/\(cluster)/eiendom-rapport/main.jsonnet"] = """
                local app = import '../../../lib/app.libsonnet';
                local municipalities = import 'municipalities.libsonnet';

                [
                  app.cronJob(
                    'report-' + municipality.code,
                    '0 6 * * 1',
                    'registry.kart.example/eiendom/rapport:1.6.1',
                    env={ MUNICIPALITY: municipality.code },
                  )
                  for municipality in municipalities
                ]

                """
            files["env/\(cluster)/eiendom-rapport/municipalities.libsonnet"] = """
                [
                  { code: '0301', name: 'Oslo' },
                  { code: '4601', name: 'Bergen' },
                  { code: '5001', name: 'Trondheim' },
                  { code: '5501', name: 'Tromsø' },
                ]

                """
        }
        return files
    }()
}
