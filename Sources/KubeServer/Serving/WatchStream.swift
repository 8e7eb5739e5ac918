package import KubeModel
import Synchronization

/// A watch as its client sees it: selected, converted, presented, with bookmarks and a deadline.
package final class WatchStream: Sendable {
    package struct Frame: Sendable {
        package var type: String
        package var object: KubeObject
        /// In which order it is written, unless it has its bytes.
        var order = JSON.MemberOrder.structure

        /// As a line of a watch; `type` stands before `object`, as Kubernetes has it.
        var line: [UInt8] {
            let bytes = object.bytes ?? object.json.encoded(order: order)
            return Array("{\"type\":\"\(type)\",\"object\":".utf8) + bytes + Array("}\n".utf8)
        }
    }

    struct Options: Sendable {
        /// Events up to this version are not shown, for a watch from a version of the future.
        var after: UInt64
        var bookmarks: Bool
        /// Whether a bookmark marks the end of ``initial``.
        var marksInitialEnd: Bool
        var timeout: Duration
    }

    private let store: ClusterStore
    private let source: StoreWatch
    private let initial: [StoredObject]
    private let initialVersion: UInt64
    private let selection: ObjectSelection
    private let present: @Sendable (KubeObject, _ isFirst: Bool) -> KubeObject
    private let apiVersion: String
    private let kind: String
    private let order: JSON.MemberOrder
    private let options: Options

    init(
        store: ClusterStore,
        source: StoreWatch,
        initial: [StoredObject],
        initialVersion: UInt64,
        selection: ObjectSelection,
        definition: ResourceDefinition,
        options: Options,
        present: @escaping @Sendable (KubeObject, _ isFirst: Bool) -> KubeObject
    ) {
        self.store = store
        self.source = source
        self.initial = initial
        self.initialVersion = initialVersion
        self.selection = selection
        self.present = present
        apiVersion = definition.gvr.apiVersion
        kind = definition.kind
        order = definition.isCustom ? .name : .structure
        self.options = options
    }

    /// Gives out frames until the deadline, the end of the store, a slow reader's cut, or cancellation.
    ///
    /// - Parameter emit: Called with frames in order, never twice at a time; what it throws ends the watch.
    package func run(_ emit: (_ frames: [Frame]) async throws -> Void) async throws {
        let deadline = Deadline()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [store, source, options] in
                await Self.keepTime(store, source, options)
                store.end(source) { deadline.pass(at: $0) }
            }
            defer {
                store.end(source)
                group.cancelAll()
            }
            var isFirst = true
            let start = initialFrames(&isFirst)
            if !start.isEmpty { try await emit(start) }
            do {
                while let items = try await source.next() {
                    let frames = items.compactMap { frame(for: $0, &isFirst) }
                    if !frames.isEmpty { try await emit(frames) }
                }
            } catch is StoreWatch.Overflow {
                return
            }
            if options.bookmarks, let version = deadline.version {
                try await emit([bookmark(max(version, options.after))])
            }
        }
    }

    /// The version that a watch had reached when its time was over.
    private final class Deadline: Sendable {
        private let passed = Mutex<UInt64?>(nil)
        var version: UInt64? { passed.withLock { $0 } }
        func pass(at version: UInt64) { passed.withLock { $0 = version } }
    }

    /// Ends the watch: what runs it gets what is queued, then the end.
    package func end() { store.end(source) }

    /// For a reader that pulls, without a deadline and without bookmarks but the first.
    ///
    /// The watch ends when the puller goes away.
    func puller() -> Puller { Puller(self) }

    /// One reader of a watch; must not be asked twice at a time.
    final class Puller: Sendable {
        private struct State {
            var isFirst = true
            var hasStarted = false
        }
        private let stream: WatchStream
        private let state = Mutex(State())

        init(_ stream: WatchStream) { self.stream = stream }

        deinit { stream.end() }

        /// The next frames; `nil` at the end.
        ///
        /// - Throws: `StatusError` 410 when the reader was too slow.
        func next() async throws -> [Frame]? {
            let start: [Frame] = state.withLock { state in
                guard !state.hasStarted else { return [] }
                state.hasStarted = true
                return stream.initialFrames(&state.isFirst)
            }
            if !start.isEmpty { return start }
            do {
                while let items = try await stream.source.next() {
                    let frames = state.withLock { state in
                        items.compactMap { stream.frame(for: $0, &state.isFirst) }
                    }
                    if !frames.isEmpty { return frames }
                }
                return nil
            } catch is StoreWatch.Overflow {
                throw StatusError.expired("too old resource version: the reader of this watch was too slow")
            }
        }
    }

    private func initialFrames(_ isFirst: inout Bool) -> [Frame] {
        var frames: [Frame] = []
        for object in initial where selection.isEmpty || selection.matches(object.object) {
            frames.append(Frame(type: "ADDED", object: present(object.object, isFirst), order: order))
            isFirst = false
        }
        if options.marksInitialEnd { frames.append(bookmark(initialVersion, isInitialEnd: true)) }
        return frames
    }

    private func frame(for item: StoreWatch.Item, _ isFirst: inout Bool) -> Frame? {
        switch item {
        case .progress(let version): return options.bookmarks ? bookmark(max(version, options.after)) : nil
        case .event(let event):
            guard event.version > options.after, let (type, object) = visible(event) else { return nil }
            defer { isFirst = false }
            return Frame(type: type, object: present(object, isFirst), order: order)
        }
    }

    /// What a change looks like through the selection.
    private func visible(_ event: StoreEvent) -> (type: String, object: KubeObject)? {
        if selection.isEmpty {
            switch event.kind {
            case .added: return ("ADDED", event.object)
            case .modified: return ("MODIFIED", event.object)
            case .removed: return ("DELETED", event.object)
            }
        }
        let before = event.previous.map { selection.matches($0.object) } ?? false
        let after = event.kind != .removed && selection.matches(event.object)
        switch (before, after) {
        case (false, true): return ("ADDED", event.object)
        case (true, true): return ("MODIFIED", event.object)
        case (true, false) where event.kind == .removed: return ("DELETED", event.object)
        case (true, false):
            var last = event.previous?.object ?? event.object
            last.set(.string(String(event.version)), at: "metadata", "resourceVersion")
            return ("DELETED", last)
        case (false, false): return nil
        }
    }

    private func bookmark(_ version: UInt64, isInitialEnd: Bool = false) -> Frame {
        var metadata: JSON = ["resourceVersion": .string(String(version))]
        if isInitialEnd { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return Frame(
            type: "BOOKMARK",
            object: KubeObject([
                "kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": metadata,
            ])
        )
    }

    /// Marks progress every minute where it is wanted, and returns at the deadline.
    private static func keepTime(_ store: ClusterStore, _ source: StoreWatch, _ options: Options) async {
        let clock = ContinuousClock()
        let deadline = clock.now + options.timeout
        // Sleeping fails only when the watch ends first.
        if options.bookmarks {
            while clock.now + .seconds(60) < deadline {
                do { try await clock.sleep(for: .seconds(60)) } catch { return }
                store.markProgress(of: source)
            }
        }
        try? await clock.sleep(until: deadline)
    }
}
