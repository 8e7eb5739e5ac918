import KubeModel
import Testing

@Suite("JSON patch")
struct JSONPatchTests {
    private func patched(_ document: String, _ patch: String) throws -> String {
        try JSONPatch(Fixture.json(patch)).applied(to: Fixture.json(document)).text
    }

    @Test(
        "Operations change the document",
        arguments: [
            (
                "[{op: add, path: /a/0, value: z}, {op: add, path: /a/-, value: l}, {op: remove, path: /a/1}]",
                #"{"a":["z","q","l"],"m":{"k":"v"}}"#
            ),
            (
                "[{op: copy, from: /m/k, path: /m/j}, {op: move, from: /m/k, path: /m/h}]",
                #"{"a":["p","q"],"m":{"h":"v","j":"v"}}"#
            ),
            (
                "[{op: test, path: /m/k, value: v}, {op: replace, path: /m/k, value: w}]",
                #"{"a":["p","q"],"m":{"k":"w"}}"#
            ),
            ("[{op: replace, path: /m/new, value: w}]", #"{"a":["p","q"],"m":{"k":"v","new":"w"}}"#),
            ("[{op: test, path: /m/none, value: null}]", #"{"a":["p","q"],"m":{"k":"v"}}"#),
            ("[{op: replace, path: '', value: {x: 1}}]", #"{"x":1}"#),
            ("[{op: remove, path: /a/-1}]", #"{"a":["p"],"m":{"k":"v"}}"#),
            ("[{op: add, path: /m/x~1y~0z, value: null}]", #"{"a":["p","q"],"m":{"k":"v","x/y~z":null}}"#),
            ("[]", #"{"a":["p","q"],"m":{"k":"v"}}"#),
        ]
    )
    func operations(patch: String, result: String) throws {
        #expect(try patched("{a: [p, q], m: {k: v}}", patch) == result)
    }

    @Test(
        "What does not apply is refused as a whole",
        arguments: [
            "[{op: remove, path: /m/none}]", "[{op: add, path: /none/x, value: 1}]",
            "[{op: remove, path: /a/9}]",
            "[{op: replace, path: /a/2, value: 1}]", "[{op: frob, path: /m/k}]", "[{op: remove}]",
            "[{op: test, path: /m/k, value: w}]", "[{op: move, from: /m/none, path: /m/x}]",
            "[{op: copy, path: /m/x}]",
            "[{op: add, path: '', value: {}}]", "[{op: add, path: /m/k/deeper, value: 1}]",
        ]
    )
    func refusals(patch: String) throws {
        do {
            _ = try patched("{a: [p, q], m: {k: v}}", patch)
            Issue.record("no error")
        } catch let error as PatchError {
            #expect(error.status.code == 422)
            #expect(error.status.message == "the server rejected our request due to an error in our request")
        }
    }

    @Test("What is no patch is a bad request; too many operations are too large")
    func malformed() throws {
        do {
            _ = try patched("{}", "{op: add}")
            Issue.record("no error")
        } catch let error as PatchError {
            #expect(
                error.status.message
                    == "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
            )
        }
        let many = JSON.array(Array(repeating: ["op": "test", "path": "/x"], count: 10_001))
        do {
            _ = try JSONPatch(many)
            Issue.record("no error")
        } catch { #expect(error.status.code == 413) }
    }

    @Test("A value that is copied into itself again and again ends the patch before it ends the memory")
    func limitsCopies() throws {
        let start: JSON = [
            "op": "add", "path": "/a", "value": ["text": .string(String(repeating: "x", count: 1000))],
        ]
        let copies = (0..<40).map { number -> JSON in
            ["op": "copy", "from": "/a", "path": .string("/a/b\(number)")]
        }
        let patch = try JSONPatch(.array([start] + copies))
        let error = #expect(throws: PatchError.self) { _ = try patch.applied(to: [:]) }
        #expect(error?.status.code == 422)
        let few = try JSONPatch(.array([start] + copies.prefix(8))).applied(to: [:])
        #expect(few.depth == 10)
    }

    @Test("A patch that nests deeper than a document may be does not apply", arguments: ["copy", "move"])
    func limitsDepth(operation: String) throws {
        var path = "/a"
        var operations: [JSON] = [["op": "add", "path": "/a", "value": [:]]]
        while path.count < 100_000 {
            // `/a` is as deep as `path`: what is put at its end makes it twice as deep.
            operations.append(["op": "copy", "from": "/a", "path": "/b"])
            operations.append(["op": .string(operation), "from": "/b", "path": .string(path + "/a")])
            path += path
        }
        let patch = try JSONPatch(.array(operations))
        #expect(throws: PatchError.self) { _ = try patch.applied(to: [:]) }
        let document = try JSONPatch(.array(Array(operations.prefix(15)))).applied(to: [:])
        #expect(document["a"]?.depth == 128)
        _ = document.encoded()
    }
}

@Suite("Merge patch")
struct MergePatchTests {
    @Test(
        "Null removes, objects are merged, lists are replaced",
        arguments: [
            ("{a: {b: 1}}", "{a: {c: 2}}", #"{"a":{"b":1,"c":2}}"#),
            ("{a: 1, b: 2}", "{a: null}", #"{"b":2}"#),
            ("{a: [1, 2]}", "{a: [3]}", #"{"a":[3]}"#), ("{}", "{a: {b: null, c: 1}}", #"{"a":{"c":1}}"#),
            ("{a: 1}", "{a: {b: 1}}", #"{"a":{"b":1}}"#), ("{a: {b: 1}}", "{a: x}", #"{"a":"x"}"#),
            ("{a: 1}", "{}", #"{"a":1}"#),
        ]
    )
    func merge(document: String, patch: String, result: String) throws {
        #expect(try MergePatch.apply(Fixture.json(patch), to: Fixture.json(document)).text == result)
    }

    @Test("A patch that is no object is a bad request")
    func malformed() throws {
        do {
            _ = try MergePatch.apply([1], to: [:])
            Issue.record("no error")
        } catch {
            #expect(
                error.status.message
                    == "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
            )
        }
    }

    @Test("The difference of two documents, applied to the first, gives the second")
    func difference() throws {
        let old = try Fixture.json("{a: {b: 1, c: 2}, d: [1], e: x}")
        let new = try Fixture.json("{a: {b: 1, c: 3, f: {}}, d: [1, 2]}")
        let patch = MergePatch.difference(from: old, to: new)
        #expect(patch == ["a": ["c": 3, "f": [:]], "d": [1, 2], "e": nil])
        #expect(try MergePatch.apply(patch, to: old) == new)
        #expect(MergePatch.difference(from: old, to: old) == [:])
    }
}

@Suite("Strategic merge patch")
struct StrategicMergePatchTests {
    let spec = """
        containers:
        - name: c
          image: nginx:1
          args: [one, two]
          env: [{name: A, value: "1"}, {name: B, value: "2"}, {name: C, value: "3"}]
          volumeMounts: [{name: v, mountPath: /v}]
        - {name: d, image: "busybox:1"}
        volumes: [{name: v, emptyDir: {}}]
        nodeSelector: {x: y1}
        """

    private func patched(_ patch: String) throws -> JSON {
        try StrategicMergePatch.apply(
            Fixture.json(patch),
            to: Fixture.json(spec),
            Fixture.catalog.component("io.k8s.api.core.v1.PodSpec") ?? .deduced
        )
    }

    private func names(_ list: JSON?, _ key: String = "name") -> [String] {
        list?.array?.compactMap { $0[key]?.string } ?? []
    }

    @Test("Lists are merged by key; new items come where the patch has them")
    func merging() throws {
        let result = try patched("{containers: [{name: c, image: n2, args: [three]}, {name: e, image: e1}]}")
        #expect(names(result["containers"]) == ["c", "e", "d"])
        #expect(result["containers"]?[0]?["args"] == ["three"])
        #expect(names(result["containers"]?[0]?["env"]) == ["A", "B", "C"])

        let env = try patched(
            "{containers: [{name: c, env: [{name: B, value: '9'}, {name: D, value: '4'}], volumeMounts: [{mountPath: /w, name: v}]}]}"
        )
        #expect(names(env["containers"]?[0]?["env"]) == ["A", "B", "D", "C"])
        #expect(names(env["containers"]?[0]?["volumeMounts"], "mountPath") == ["/w", "/v"])
    }

    @Test("Directives delete and replace")
    func directives() throws {
        let deleted = try patched(
            "{containers: [{name: d, $patch: delete}, {name: c, env: [{name: B, $patch: delete}, {name: Z, $patch: delete}]}]}"
        )
        #expect(names(deleted["containers"]) == ["c"])
        #expect(names(deleted["containers"]?[0]?["env"]) == ["A", "C"])
        let replaced = try patched(
            "{containers: [{name: z, image: z1}, {$patch: replace}], nodeSelector: {$patch: delete}}"
        )
        #expect(names(replaced["containers"]) == ["z"])
        #expect(replaced["nodeSelector"] == [:])
        #expect(try patched("{nodeSelector: {$patch: replace, m: '9'}}")["nodeSelector"] == ["m": "9"])
        #expect(try patched("{volumes: null}")["volumes"] == nil)
    }

    @Test("$setElementOrder orders merged lists")
    func order() throws {
        let result = try patched(
            """
            {$setElementOrder/containers: [{name: d}, {name: e}, {name: c}],
             containers: [{name: e, image: e1}, {name: c, $setElementOrder/env: [{name: C}, {name: A}, {name: B}]}]}
            """
        )
        #expect(names(result["containers"]) == ["d", "e", "c"])
        #expect(names(result["containers"]?[2]?["env"]) == ["C", "A", "B"])
    }

    @Test("Lists of plain values are merged, ordered and deleted from")
    func primitives() throws {
        let meta = Fixture.catalog.objectMeta
        let original: JSON = ["finalizers": ["a", "b"]]
        let merged = try StrategicMergePatch.apply(
            Fixture.json("{$setElementOrder/finalizers: [c, b, a], finalizers: [c]}"),
            to: original,
            meta
        )
        #expect(merged["finalizers"] == ["c", "b", "a"])
        let deleted = try StrategicMergePatch.apply(
            Fixture.json("{$deleteFromPrimitiveList/finalizers: [a]}"),
            to: original,
            meta
        )
        #expect(deleted["finalizers"] == ["b"])
    }

    @Test("$retainKeys swaps one member of a union for another")
    func retainKeys() throws {
        let result = try patched(
            "{volumes: [{name: v, $retainKeys: [name, hostPath], hostPath: {path: /x}}]}"
        )
        #expect(result["volumes"] == [["name": "v", "hostPath": ["path": "/x"]]])
    }

    @Test(
        "Contradictions are errors of the server",
        arguments: [
            ("{containers: [{image: x}]}", "map: map[image:x] does not contain declared merge key: name"),
            ("{nodeSelector: {$patch: frob}}", "unknown patch type: frob in map: map[$patch:frob]"),
            (
                "{$setElementOrder/containers: [{name: c}], containers: [{name: d}]}",
                "The order in patch list:\n[map[name:d]]\n doesn't match $setElementOrder list:\n[map[name:c]]\n"
            ),
        ]
    )
    func failures(patch: String, message: String) throws {
        do {
            _ = try patched(patch)
            Issue.record("no error")
        } catch let error as PatchError {
            #expect(error.status.code == 500)
            #expect(error.status.message == message)
        }
    }
}
