import KubeClient
import KubeModel
import Testing

@testable import KubeRuntime

@Suite("Informer state")
struct InformerStateTests {
    private func object(_ name: String, version: Int, uid: String? = nil, owner: String? = nil) -> KubeObject
    {
        var object = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: name)
        object.set(.string(String(version)), at: "metadata", "resourceVersion")
        object.set(.string(uid ?? "uid-\(name)"), at: "metadata", "uid")
        if let owner {
            let reference: JSON = [
                "kind": "ReplicaSet", "name": "r", "uid": .string(owner), "controller": true,
            ]
            object.set([reference], at: "metadata", "ownerReferences")
        }
        return object
    }

    private func words(_ changes: [Informer.Change]) -> [String] {
        changes.map { change in
            switch change {
            case .added(let object): "+\(object.name)"
            case .updated(let old, let new): "\(old.resourceVersion)>\(new.resourceVersion)"
            case .removed(let object): "-\(object.name)"
            case .synced: "synced"
            }
        }
    }

    private func words(_ outcome: Informer.StateMachine.Outcome) -> [String] {
        switch outcome {
        case .changes(let changes): words(changes)
        case .ended(let error): ["ended \(error.code)"]
        }
    }

    @Test("It lists first, then watches from the list's version")
    func begins() {
        var machine = Informer.StateMachine()
        #expect(machine.next == .list)
        #expect(words(machine.listed([object("x", version: 3)], resourceVersion: "5")) == ["+x", "synced"])
        #expect(machine.next == .watch(from: "5"))
        #expect(machine.hasSynced)
    }

    @Test("It knows the versions of an object that it has or has passed, and no other object of that name")
    func knows() {
        var machine = Informer.StateMachine()
        _ = machine.listed([object("x", version: 3)], resourceVersion: "5")
        func knows(_ name: String, _ uid: String, _ version: String) -> Bool {
            let name = ObjectName(namespace: "a", name: name)
            return machine.knows(ObjectVersion(name: name, uid: uid, resourceVersion: version))
        }
        #expect(knows("x", "uid-x", "3"))
        #expect(knows("x", "uid-x", "2"))
        #expect(!knows("x", "uid-x", "4"))
        #expect(!knows("x", "uid-x", "next"))
        #expect(!knows("x", "another", "3"))
        #expect(!knows("y", "uid-x", "3"))
    }

    @Test("Every event moves the version to resume from, bookmarks too")
    func advances() {
        var machine = Informer.StateMachine()
        _ = machine.listed([], resourceVersion: "5")
        #expect(words(machine.received(.added(object("x", version: 6)))) == ["+x"])
        #expect(words(machine.received(.modified(object("x", version: 7)))) == ["6>7"])
        #expect(words(machine.received(.bookmark(resourceVersion: "9", isInitialEnd: false))) == [])
        #expect(machine.next == .watch(from: "9"))
        #expect(words(machine.received(.deleted(object("x", version: 10)))) == ["-x"])
        #expect(machine.next == .watch(from: "10"))
    }

    @Test("An expired version leads to a list, whose differences come out as changes")
    func expires() {
        var machine = Informer.StateMachine()
        _ = machine.listed([object("x", version: 1), object("y", version: 2)], resourceVersion: "5")
        let gone = StatusError(code: 410, reason: "Expired", message: "too old")
        #expect(words(machine.received(.error(gone))) == ["ended 410"])
        #expect(machine.next == .list)
        let changes = machine.listed(
            [object("y", version: 8), object("z", version: 9)],
            resourceVersion: "9"
        )
        #expect(Set(words(changes)) == ["2>8", "+z", "-x"])
    }

    @Test("Another error only ends the watch: it is resumed where it was")
    func resumes() {
        var machine = Informer.StateMachine()
        _ = machine.listed([], resourceVersion: "5")
        _ = machine.received(.error(StatusError(code: 500, reason: "InternalError", message: "")))
        #expect(machine.next == .watch(from: "5"))
    }

    @Test("A list that repeats what is known changes nothing")
    func repeats() {
        var machine = Informer.StateMachine()
        _ = machine.listed([object("x", version: 1)], resourceVersion: "5")
        #expect(words(machine.listed([object("x", version: 1)], resourceVersion: "6")) == [])
    }

    @Test("An object of the same name with another uid is another object")
    func recreated() {
        var machine = Informer.StateMachine()
        _ = machine.listed([object("x", version: 1)], resourceVersion: "5")
        #expect(
            words(machine.listed([object("x", version: 7, uid: "new")], resourceVersion: "7")) == [
                "-x", "+x",
            ]
        )
    }

    @Test("An own write is seen at once, and its event changes nothing more")
    func absorbs() {
        var machine = Informer.StateMachine()
        _ = machine.listed([], resourceVersion: "5")
        #expect(words(machine.absorbed(object("x", version: 6))) == ["+x"])
        #expect(words(machine.received(.added(object("x", version: 6)))) == [])
        #expect(machine.store[ObjectName(namespace: "a", name: "x")] != nil)
    }

    @Test("The copy of a server in this process takes the place of one's own, also for those who hold that")
    func sharesTheServersCopy() {
        var machine = Informer.StateMachine()
        _ = machine.listed([], resourceVersion: "5")
        _ = machine.absorbed(object("x", version: 6).packed)
        let servers = object("x", version: 6).packed
        #expect(words(machine.received(.added(servers))).count == 1)
        let kept = machine.store[ObjectName(namespace: "a", name: "x")]
        #expect(kept?.sharesBytes(with: servers) == true)
        #expect(words(machine.received(.added(servers))) == [])
    }

    @Test("An own write that the watch has overtaken does not bring an object back")
    func absorbsNoGhost() {
        var machine = Informer.StateMachine()
        _ = machine.listed([], resourceVersion: "5")
        _ = machine.received(.added(object("x", version: 6)))
        _ = machine.received(.deleted(object("x", version: 7)))
        #expect(words(machine.absorbed(object("x", version: 6))) == [])
        #expect(machine.store.all.isEmpty)
    }

    @Test("The indexes by owner and of orphans follow adoption, release and removal")
    func owners() {
        var machine = Informer.StateMachine()
        func owned(by owner: String) -> [String] { machine.store.list(controlledBy: owner).map(\.name) }
        func orphans() -> [String] { machine.store.list(uncontrolledIn: "a").map(\.name) }
        _ = machine.listed([object("x", version: 1, owner: "o")], resourceVersion: "5")
        #expect(owned(by: "o") == ["x"])
        #expect(orphans().isEmpty)
        _ = machine.received(.modified(object("x", version: 6, owner: "p")))
        #expect(owned(by: "o").isEmpty)
        #expect(owned(by: "p") == ["x"])
        _ = machine.received(.modified(object("x", version: 7)))
        #expect(owned(by: "p").isEmpty)
        #expect(orphans() == ["x"])
        _ = machine.received(.modified(object("x", version: 8, owner: "o")))
        #expect(orphans().isEmpty)
        _ = machine.received(.modified(object("x", version: 9)))
        _ = machine.received(.deleted(object("x", version: 10)))
        #expect(orphans().isEmpty)
        #expect(owned(by: "o").isEmpty)
    }
}
