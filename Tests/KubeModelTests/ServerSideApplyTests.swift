import KubeModel
import Testing

@Suite("Server-side apply")
struct ServerSideApplyTests {
    /// A store of one object, with what a server does around the merge: an identity, and dropped nulls and empty maps.
    struct Server {
        let engine: ServerSideApply
        let gvk: GroupVersionKind
        var live: KubeObject?

        init(_ apiVersion: String, _ kind: String, ignoring: FieldSet = FieldSet()) {
            gvk = GroupVersionKind(apiVersion: apiVersion, kind: kind)
            engine = ServerSideApply(schema: Fixture.schema(apiVersion, kind), gvk: gvk, ignoring: ignoring)
        }

        @discardableResult
        mutating func apply(
            _ manager: String,
            _ yaml: String,
            _ mode: ServerSideApply.ConflictMode = .refuse,
            time: String = "t1"
        ) throws -> ServerSideApply.Outcome {
            let outcome = try engine.apply(
                try Fixture.object(yaml),
                to: live,
                manager: manager,
                conflicts: mode,
                time: time
            )
            live = stored(outcome.object)
            return outcome
        }

        mutating func update(
            _ manager: String,
            time: String = "t2",
            _ change: (inout KubeObject) -> Void
        ) throws {
            var new = live ?? KubeObject(apiVersion: gvk.apiVersion, kind: gvk.kind, name: "a")
            change(&new)
            live = stored(engine.update(new, from: live, manager: manager, time: time))
        }

        private func stored(_ object: KubeObject) -> KubeObject {
            var object = object
            object.set("u-1", at: "metadata", "uid")
            guard case .object(let members) = object.json else { return object }
            object.json = .object(
                members.compactMapValues { value in
                    value.isNull || value.object?.isEmpty == true ? JSON?.none : value
                }
            )
            return object
        }

        func fields(_ manager: String, _ operation: String = "Apply") -> JSON? {
            live?.at("metadata", "managedFields")?.array?
                .first { $0["manager"]?.string == manager && $0["operation"]?.string == operation }?[
                    "fieldsV1"
                ]
        }
    }

    let configMap = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v, j: u}}"

    @Test("A missing object is created with one entry of the applied fields")
    func creates() throws {
        var server = Server("v1", "ConfigMap")
        let outcome = try server.apply("one", configMap)
        #expect(outcome.change == .content)
        #expect(
            server.live?.at("metadata", "managedFields") == [
                [
                    "apiVersion": "v1", "fieldsType": "FieldsV1", "manager": "one", "operation": "Apply",
                    "time": "t1",
                    "fieldsV1": ["f:data": ["f:j": [:], "f:k": [:]]],
                ]
            ]
        )
    }

    @Test("Applying the same again changes nothing and keeps the time")
    func noOp() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        let before = server.live
        let outcome = try server.apply("one", configMap, time: "t9")
        #expect(outcome.change == .none)
        #expect(server.live == before)
    }

    @Test("A second manager of the same values changes only managedFields, in an entry without a time")
    func secondManager() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        let outcome = try server.apply(
            "two",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}"
        )
        #expect(outcome.change == .ownership)
        #expect(server.fields("two") == ["f:data": ["f:k": [:]]])
        let entry = server.live?.at("metadata", "managedFields")?.array?.first { $0["manager"] == "two" }
        #expect(entry?["time"] == nil)
    }

    @Test("A field no longer applied is removed unless somebody else owns it")
    func removal() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        try server.apply("two", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {j: u}}")
        try server.apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}")
        #expect(server.live?["data"] == ["k": "v", "j": "u"])
        try server.apply("two", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
        #expect(server.live?["data"] == ["k": "v"])
        #expect(server.fields("two") == nil)
        try server.apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
        #expect(server.live?["data"] == nil)
        #expect(server.live?.at("metadata", "managedFields") == nil)
    }

    @Test("Fields that an update set stay, and an applied field that it changed is its own")
    func updates() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        try server.update("editor") { object in
            object.set(["k": "changed", "n": "x"], at: "data")
            object.labels = ["l": "y"]
        }
        #expect(server.fields("one") == nil)
        #expect(
            server.fields("editor", "Update") == [
                "f:data": ["f:k": [:], "f:n": [:]], "f:metadata": ["f:labels": [".": [:], "f:l": [:]]],
            ]
        )
        do {
            try server.apply("one", configMap)
            Issue.record("no conflict")
        } catch let error as ApplyError {
            guard case .conflicts(let conflicts) = error else { throw error }
            #expect(conflicts.map(\.path.description) == [".data.k"])
            #expect(conflicts.map(\.message) == ["conflict with \"editor\" using v1"])
            #expect(error.status.code == 409)
            #expect(
                error.status.message
                    == "Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.k"
            )
        }
        try server.apply("one", configMap, .force)
        #expect(server.live?["data"] == ["k": "v", "j": "u", "n": "x"])
        #expect(server.fields("editor", "Update")?["f:data"] == ["f:n": [:]])
    }

    @Test("A create by POST owns a map it made, but not one that the kind always has")
    func creation() throws {
        var server = Server("v1", "ConfigMap")
        try server.update("m") { $0.set(["k": "v"], at: "data") }
        #expect(server.fields("m", "Update") == ["f:data": [".": [:], "f:k": [:]]])

        var lease = Server("coordination.k8s.io/v1", "Lease")
        try lease.update("m") { $0.set(["holderIdentity": "x"], at: "spec") }
        #expect(lease.fields("m", "Update") == ["f:spec": ["f:holderIdentity": [:]]])
    }

    let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: c, image: "nginx:1", env: [{name: A, value: "1"}], ports: [{containerPort: 80}], args: [x]}
        """

    @Test("Items of a list are owned by their keys, completed by defaults; atomic lists and maps as a whole")
    func listMaps() throws {
        var server = Server("apps/v1", "Deployment")
        try server.apply("one", deployment)
        let container = server.fields("one")?.at(
            "f:spec",
            "f:template",
            "f:spec",
            "f:containers",
            #"k:{"name":"c"}"#
        )
        #expect(container?["f:env"] == [#"k:{"name":"A"}"#: [".": [:], "f:name": [:], "f:value": [:]]])
        #expect(
            container?["f:ports"] == [
                #"k:{"containerPort":80,"protocol":"TCP"}"#: [".": [:], "f:containerPort": [:]]
            ]
        )
        #expect(container?["f:args"] == [:])
        #expect(container?["."] == [:])
        #expect(server.fields("one")?.at("f:spec", "f:selector") == [:])

        try server.apply(
            "two",
            """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web},
             spec: {template: {spec: {containers: [{name: side, image: "side:1"}]}}}}
            """
        )
        let containers = server.live?.at("spec", "template", "spec", "containers")?.array ?? []
        #expect(containers.map { $0["name"] } == ["c", "side"])
    }

    @Test("Another value of an atomic list conflicts on the list")
    func atomicConflict() throws {
        var server = Server("apps/v1", "Deployment")
        try server.apply("one", deployment)
        let other = """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web},
             spec: {template: {spec: {containers: [{name: c, args: [z]}]}}}}
            """
        do {
            try server.apply("two", other)
            Issue.record("no conflict")
        } catch let error as ApplyError {
            #expect(
                error.status.message
                    == #"Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="c"].args"#
            )
        }
    }

    @Test("Sets are merged value by value, in the order of the configuration")
    func sets() throws {
        var server = Server("v1", "ConfigMap")
        func finalizers(_ names: String) -> String {
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [\(names)]}}"
        }
        try server.apply("one", finalizers("e/one, e/both"))
        try server.apply("two", finalizers("e/two, e/both"))
        #expect(server.live?.finalizers == ["e/one", "e/two", "e/both"])
        #expect(
            server.fields("two") == [
                "f:metadata": ["f:finalizers": [#"v:"e/both""#: [:], #"v:"e/two""#: [:]]]
            ]
        )
        try server.apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
        #expect(server.live?.finalizers == ["e/two", "e/both"])
    }

    @Test(
        "What does not fit the schema is refused in the words of Kubernetes",
        arguments: [
            (
                "data: {k: 5}",
                "/a; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:5}"
            ),
            ("frob: 1", "/a; /v1, Kind=ConfigMap): .frob: field not declared in schema"),
            ("data: [x]", "/a; /v1, Kind=ConfigMap): .data: expected map, got &{[x]}"),
            ("immutable: \"yes\"", "/a; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{yes}"),
        ]
    )
    func invalid(member: String, message: String) throws {
        var server = Server("v1", "ConfigMap")
        do {
            try server.apply("one", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\(member)\n")
            Issue.record("no error")
        } catch let error as ApplyError {
            #expect(error.status.message == "failed to create typed patch object (" + message)
            #expect(error.status.code == 500)
        }
    }

    @Test("Two items with one key are refused")
    func duplicates() throws {
        var server = Server("v1", "Service")
        do {
            try server.apply(
                "one",
                "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 53, name: t}, {port: 53, name: u}]}}"
            )
            Issue.record("no error")
        } catch let error as ApplyError {
            #expect(
                error.status.message
                    == "failed to create typed patch object (/s; /v1, Kind=Service): .spec.ports: duplicate entries "
                    + #"for key [port=53,protocol="TCP"]"#
            )
        }
    }

    @Test("Nulls and empty maps that are applied are owned")
    func nulls() throws {
        var server = Server("v1", "ConfigMap")
        let outcome = try server.apply(
            "one",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: null}, data: {k: null}}"
        )
        #expect(outcome.object["data"] == ["k": nil])
        #expect(server.fields("one") == ["f:data": ["f:k": [:]], "f:metadata": ["f:annotations": [:]]])

        var other = Server("v1", "ConfigMap")
        try other.apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {}}, data: {}}")
        #expect(other.fields("one") == ["f:data": [:], "f:metadata": ["f:labels": [:]]])
    }

    @Test("Fields that an endpoint resets are neither owned nor in conflict")
    func resetFields() throws {
        let schema = Fixture.schema("apps/v1", "Deployment")
        let main = ServerSideApply.resetFields(of: schema, subresource: "")
        var server = Server("apps/v1", "Deployment", ignoring: main)
        try server.apply("one", deployment + "\nstatus: {replicas: 4}\n")
        #expect(server.fields("one")?["f:status"] == nil)

        let status = ServerSideApply.resetFields(of: schema, subresource: "status")
        let engine = ServerSideApply(
            schema: schema,
            gvk: .init(apiVersion: "apps/v1", kind: "Deployment"),
            subresource: "status",
            ignoring: status
        )
        let config = try Fixture.object(
            """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {x: z}}, spec: {replicas: 9},
             status: {replicas: 2, conditions: [{type: Available, status: "True"}]}}
            """
        )
        let outcome = try engine.apply(
            config,
            to: server.live,
            manager: "ctl",
            conflicts: .refuse,
            time: "t3"
        )
        let entry = outcome.object.at("metadata", "managedFields")?.array?.first { $0["manager"] == "ctl" }
        #expect(entry?["subresource"] == "status")
        #expect(
            entry?["fieldsV1"] == [
                "f:status": [
                    "f:replicas": [:],
                    "f:conditions": [#"k:{"type":"Available"}"#: [".": [:], "f:status": [:], "f:type": [:]]],
                ]
            ]
        )
    }

    @Test("kubectl takes over what its client-side apply set, and keeps the annotation current")
    func lastApplied() throws {
        var server = Server("v1", "ConfigMap")
        let annotation = "kubectl.kubernetes.io/last-applied-configuration"
        try server.update("kubectl-client-side-apply") { object in
            object.set(["k": "v", "j": "u"], at: "data")
            object.annotations = [
                annotation:
                    #"{"apiVersion":"v1","data":{"k":"v","j":"u"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a"}}"#
            ]
        }
        try server.apply("kubectl", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: new}}")
        #expect(server.live?["data"] == ["k": "new", "j": "u"])
        #expect(server.fields("kubectl") == ["f:data": ["f:k": [:]]])
        #expect(
            server.live?.annotation(annotation)
                == #"{"apiVersion":"v1","data":{"k":"new"},"kind":"ConfigMap","metadata":{"name":"a"}}"#
                + "\n"
        )
        #expect(
            server.fields("kubectl-client-side-apply", "Update") == [
                "f:data": [".": [:], "f:j": [:]],
                "f:metadata": ["f:annotations": [".": [:], "f:\(annotation)": [:]]],
            ]
        )
    }

    @Test("Wiped managedFields stay wiped until an apply, which adds before-first-apply")
    func beforeFirstApply() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        try server.update("m") { $0.set([[:]], at: "metadata", "managedFields") }
        #expect(server.live?.at("metadata", "managedFields") == nil)
        try server.update("m") { $0.set("w", at: "data", "k") }
        #expect(server.live?.at("metadata", "managedFields") == nil)
        try server.apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {j: u}}")
        #expect(
            server.fields("before-first-apply", "Update") == ["f:data": [".": [:], "f:j": [:], "f:k": [:]]]
        )
        #expect(server.fields("one") == ["f:data": ["f:j": [:]]])
    }

    @Test("Broken managedFields in an update are ignored, missing ones are kept")
    func brokenFields() throws {
        var server = Server("v1", "ConfigMap")
        try server.apply("one", configMap)
        let fields = server.live?.at("metadata", "managedFields")
        try server.update("m") {
            $0.set([["manager": "x", "operation": "Frob"]], at: "metadata", "managedFields")
        }
        #expect(server.live?.at("metadata", "managedFields") == fields)
        try server.update("m") { $0.set(nil, at: "metadata", "managedFields") }
        #expect(server.live?.at("metadata", "managedFields") == fields)
    }

    @Test("More than ten updaters are put together, the oldest first")
    func manyUpdaters() throws {
        var server = Server("v1", "ConfigMap")
        for number in 10..<22 {
            try server.update("m\(number)", time: "t\(number)") { $0.set("x", at: "data", "k\(number)") }
        }
        let entries = server.live?.at("metadata", "managedFields")?.array ?? []
        #expect(entries.count == 10)
        #expect(entries.first?["manager"] == "ancient-changes")
        #expect(entries.first?.at("fieldsV1", "f:data")?.object?.keys == [".", "f:k10", "f:k11", "f:k12"])
    }

    @Test("Another kind or version is a bad request")
    func badRequests() throws {
        var server = Server("v1", "ConfigMap")
        do {
            try server.apply("one", "{apiVersion: v1, kind: Secret, metadata: {name: a}}")
            Issue.record("no error")
        } catch let error as ApplyError {
            #expect(error.status.message == "invalid object type: /v1, Kind=Secret")
        }
    }
}

@Suite("Server-side apply of custom resources")
struct CustomResourceApplyTests {
    private func engine(_ schema: String) throws -> ServerSideApply {
        ServerSideApply(
            schema: .customResource(
                openAPIV3Schema: try Fixture.json(schema),
                objectMeta: Fixture.catalog.objectMeta
            ),
            gvk: GroupVersionKind(group: "example.com", version: "v1", kind: "Thing")
        )
    }

    private func thing(_ spec: String) throws -> KubeObject {
        try Fixture.object("{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: \(spec)}")
    }

    let schema = """
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer}
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {type: object, properties: {name: {type: string}, count: {type: integer, default: 1}}}
              tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              plain: {type: array, items: {type: string}}
              atomic: {type: object, x-kubernetes-map-type: atomic, properties: {a: {type: string}, b: {type: string}}}
        """

    @Test("List types and map types of the definition are followed")
    func structural() throws {
        let engine = try engine(schema)
        let first = try engine.apply(
            thing("{size: 3, parts: [{name: a, count: 2}], tags: [x], atomic: {a: '1'}}"),
            to: nil,
            manager: "one",
            conflicts: .refuse,
            time: "t1"
        ).object
        let second = try engine.apply(
            thing("{parts: [{name: b}], tags: [z]}"),
            to: first,
            manager: "two",
            conflicts: .refuse,
            time: "t2"
        ).object
        #expect(second.spec["tags"] == ["x", "z"])
        #expect(second.spec["parts"] == [["name": "a", "count": 2], ["name": "b"]])
        do throws(ApplyError) {
            _ = try engine.apply(
                (try? thing("{parts: [{name: a, count: 9}], atomic: {b: '2'}, plain: [p]}"))
                    ?? KubeObject([:]),
                to: second,
                manager: "two",
                conflicts: .refuse,
                time: "t3"
            )
            Issue.record("no conflict")
        } catch {
            guard case .conflicts(let conflicts) = error else { throw error }
            #expect(conflicts.map(\.path.description) == [".spec.atomic", ".spec.parts[name=\"a\"].count"])
        }
    }

    @Test("Fields that the definition does not have are refused")
    func unknown() throws {
        let engine = try engine(schema)
        #expect(
            throws: ApplyError.invalidConfiguration(
                "failed to create typed patch object (/t; example.com/v1, Kind=Thing): .spec.frob: field not declared in schema"
            )
        ) {
            try engine.apply(thing("{frob: 1}"), to: nil, manager: "one", conflicts: .refuse, time: "t1")
        }
    }

    @Test("Where unknown fields are preserved, maps are merged and lists replaced")
    func untyped() throws {
        let engine = try engine("{type: object, x-kubernetes-preserve-unknown-fields: true}")
        let outcome = try engine.apply(
            thing("{a: {b: 1}, l: [{name: x}]}"),
            to: nil,
            manager: "one",
            conflicts: .refuse,
            time: "t1"
        )
        let fields = outcome.object.at("metadata", "managedFields")?[0]?["fieldsV1"]
        #expect(fields == ["f:spec": [".": [:], "f:a": [".": [:], "f:b": [:]], "f:l": [:]]])
    }

    @Test("An update of a new object owns the map that it made")
    func update() throws {
        let engine = try engine(schema)
        let object = engine.update(try thing("{size: 3}"), from: nil, manager: "m", time: "t1")
        #expect(
            object.at("metadata", "managedFields")?[0]?["fieldsV1"] == ["f:spec": [".": [:], "f:size": [:]]]
        )
    }
}
