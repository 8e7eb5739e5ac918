/// What the maps team runs besides: WMS as plain YAML, styles as generated config maps, the nightly import.
enum MapServices {
    static func wms(tag: String) -> [String: String] {
        [
            "env/dev/kart-wms/wms.yaml": wms(tag: tag, replicas: 1),
            "env/test/kart-wms/wms.yaml": wms(tag: tag, replicas: 2),
            "env/prod/kart-wms/wms.yaml": wms(tag: tag, replicas: 4),
        ]
    }

    private static func wms(tag: String, replicas: Int) -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: wms
        data:
          service.properties: |
            title=Topographic maps (WMS)
            fees=none
            maxWidth=4096
            maxHeight=4096
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: wms
        spec:
          replicas: \(replicas)
          selector:
            matchLabels: {app: wms}
          template:
            metadata:
              labels: {app: wms}
            spec:
              containers:
                - name: wms
                  image: registry.kart.example/kart/wms:\(tag)
                  ports:
                    - {name: http, containerPort: 8080}
                  readinessProbe:
                    httpGet: {path: "/wms?REQUEST=GetCapabilities", port: http}
                  volumeMounts:
                    - {name: config, mountPath: /etc/wms}
              volumes:
                - name: config
                  configMap: {name: wms}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: wms
        spec:
          selector: {app: wms}
          ports:
            - {name: http, port: 80, targetPort: http}

        """
    }

    static let styles: [String: String] = {
        var files = [
            "bases/styles/kustomization.yaml": """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            generatorOptions:
              disableNameSuffixHash: true
            configMapGenerator:
              - name: styles
                files:
                  - topographic.json
                  - greyscale.json

            """,
            "bases/styles/topographic.json": style(
                "topographic",
                background: "#f4f1e6",
                water: "#a9d6e5",
                contour: "#b08968"
            ),
            "bases/styles/greyscale.json": style(
                "greyscale",
                background: "#f5f5f5",
                water: "#d9d9d9",
                contour: "#bdbdbd"
            ),
        ]
        for cluster in ["dev", "prod"] {
            files["env/\(cluster)/kart-styles/kustomization.yaml"] = """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources:
                  - ../../../bases/styles

                """
        }
        return files
    }()

    private static func style(_ name: String, background: String, water: String, contour: String) -> String {
        """
        {
          "name": "\(name)",
          "layers": [
            {"id": "background", "paint": {"background-color": "\(background)"}},
            {"id": "water", "paint": {"fill-color": "\(water)"}},
            {"id": "contours", "minzoom": 9, "paint": {"line-color": "\(contour)"}}
          ]
        }

        """
    }

    static let imports = [
        "env/test/kart-import/import.yaml": imports(schedule: "30 3 * * *"),
        "env/prod/kart-import/import.yaml": imports(schedule: "30 1 * * *"),
    ]

    private static func imports(schedule: String) -> String {
        """
        # Deliveries from the municipalities, as they come in during the day.
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: import
        spec:
          schedule: "\(schedule)"
          timeZone: Europe/Oslo
          concurrencyPolicy: Forbid
          startingDeadlineSeconds: 3600
          jobTemplate:
            spec:
              backoffLimit: 2
              template:
                spec:
                  restartPolicy: Never
                  serviceAccountName: import
                  containers:
                    - name: import
                      image: registry.kart.example/kart/import:1.19.0
                      args: [--source=s3://deliveries, --since=yesterday]
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: import

        """
    }
}
