import KubeModel
import Testing

extension EndToEnd {
    @Suite("From push to running")
    struct PushTests {
        @Test(
            "A pushed directory becomes a running namespace, follows its commits, and goes when it is removed"
        )
        func pushRollRemove() async throws {
            try await SmallFleet.prepare { setting in
                try await setting.run { installation in
                    let first = try await setting.apps.push(
                        "Add hello",
                        files: ["env/dev/demo-hello/app.yaml": SmallFleet.web("hello")]
                    )
                    let deployment = ["-n", "demo-hello", "deploy", "hello"]
                    try await eventually("kubectl shows the deployment", within: .seconds(60)) {
                        try await installation.object(
                            "dev",
                            deployment[0],
                            deployment[1],
                            deployment[2],
                            deployment[3]
                        ) != nil
                    }
                    let wait = try await installation.varde(
                        "wait",
                        "demo/dev.demo-hello",
                        "--revision",
                        first,
                        "--timeout",
                        "60s"
                    )
                    #expect(wait.code == 0, "\(wait.errors)")
                    let live = try await installation.object("dev", "-n", "demo-hello", "deploy", "hello")
                    #expect(live?.at("status", "availableReplicas")?.int == 2)

                    let image = "registry.example/web:1.1.0"
                    let second = try await setting.apps.push(
                        "Roll",
                        files: ["env/dev/demo-hello/app.yaml": SmallFleet.web("hello", image: image)]
                    )
                    let rolled = try await installation.varde(
                        "wait",
                        "demo/dev.demo-hello",
                        "--revision",
                        second,
                        "--timeout",
                        "60s"
                    )
                    #expect(rolled.code == 0, "\(rolled.errors)")
                    let pods = try await installation.object(
                        "dev",
                        "-n",
                        "demo-hello",
                        "pods",
                        "-l",
                        "app=hello"
                    )
                    let images = (pods?["items"]?.array ?? []).filter {
                        $0.at("metadata", "deletionTimestamp") == nil
                    }
                    .compactMap { $0.at("spec", "containers")?[0]?["image"]?.string }
                    #expect(images == [image, image])

                    try await setting.apps.push("Remove hello", removing: ["env/dev/demo-hello"])
                    try await eventually("the namespace is gone") {
                        try await installation.kubectl("dev", "get", "namespace", "demo-hello").errors
                            .contains("NotFound")
                    }
                    try await eventually("the application is gone") {
                        try await installation.application("demo/dev.demo-hello") == nil
                    }
                }
            }
        }

        @Test("A deleted object of a directory is back, as another object, and the history says why")
        func drift() async throws {
            try await SmallFleet.prepare(apps: ["env/dev/demo-web/app.yaml": SmallFleet.web()]) { setting in
                try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-web").code == 0)
                    let before = try await installation.object("dev", "-n", "demo-web", "deploy", "web")
                    _ = try await installation.kubectl(
                        "dev",
                        "-n",
                        "demo-web",
                        "delete",
                        "deploy",
                        "web",
                        "--wait=false"
                    )
                    try await eventually("the deployment is back", within: .seconds(60)) {
                        let after = try await installation.object("dev", "-n", "demo-web", "deploy", "web")
                        return after != nil && after?.at("metadata", "uid") != before?.at("metadata", "uid")
                    }
                    #expect(try await installation.varde("wait", "demo-web").code == 0)
                    let history = try await installation.json("app", "history", "demo-web")
                    #expect(history["items"]?.array?.contains { $0["cause"]?.string == "drift" } == true)
                    let events = try await installation.kubectl(
                        "dev",
                        "-n",
                        "demo-web",
                        "get",
                        "events",
                        "-o",
                        "json"
                    )
                    #expect(events.output.contains("varde"))
                }
            }
        }

        @Test("An edited field is put back, and fields that the commit does not set are left alone")
        func editedField() async throws {
            try await SmallFleet.prepare(apps: ["env/dev/demo-web/app.yaml": SmallFleet.web()]) { setting in
                try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-web").code == 0)
                    let patch =
                        #"{"metadata": {"annotations": {"note": "mine"}}, "spec": {"ports": [{"port": 80, "targetPort": 9999}]}}"#
                    let patched = try await installation.kubectl(
                        "dev",
                        "-n",
                        "demo-web",
                        "patch",
                        "service",
                        "web",
                        "-p",
                        patch
                    )
                    #expect(patched.code == 0, "\(patched.errors)")
                    try await eventually("the port is 8080 again") {
                        let service = try await installation.object("dev", "-n", "demo-web", "service", "web")
                        return service?.at("spec", "ports")?[0]?["targetPort"]?.int == 8_080
                    }
                    let service = try await installation.object("dev", "-n", "demo-web", "service", "web")
                    #expect(service?.at("metadata", "annotations", "note")?.string == "mine")
                }
            }
        }
    }
}
