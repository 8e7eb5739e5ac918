import Testing

/// Work without a parent: every place that may start some is listed here, with its reason.
struct UnstructuredTasks {
    static let allowed: [String: String] = [
        "Sources/KubeRuntime/WorkQueue.swift": "the timer of delayed keys; ends with the queue",
        "Sources/GitSource/Objects/BatchReader.swift": "the one process that reads objects; ended by close()",
    ]

    static func violations(in tree: SourceTree) -> [String] {
        tree.files.filter { allowed[$0.path] == nil }.flatMap { file in
            file.code.filter { $0.text.contains(/\bTask(?:<[^>]*>)?(?:\.detached)?\s*(?:\([^)]*\)\s*)?\{/) }
                .map { "\(file.path):\($0.number) starts a task without a parent" }
        }
    }
}

@Suite("Structured tasks")
struct TaskTests {
    @Test("No file starts a task without a parent, unless it is listed with its reason")
    func tasks() throws {
        let violations = UnstructuredTasks.violations(in: try SourceTree.read("Sources"))
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test("Every file in the list is there and still needs to be")
    func listIsCurrent() throws {
        let files = try SourceTree.read("Sources").files
        for path in UnstructuredTasks.allowed.keys {
            let file = files.first { $0.path == path }
            #expect(file?.text.contains("Task") == true, "\(path) starts no task: take it off the list")
        }
    }

    @Test(
        "The checker notices every way of starting one",
        arguments: [
            "Task {", "let t = Task { await x() }", "Task.detached {", "Task(priority: .high) {",
            "Task<Void, Never> {",
        ]
    )
    func checkerFails(line: String) {
        #expect(UnstructuredTasks.violations(in: SourceTree("Sources/Delivery/A.swift", line)).count == 1)
    }

    @Test(
        "The checker accepts groups, comments and other words",
        arguments: [
            "group.addTask { x() }", "// Task { }", "try await Task.sleep(for: x)", "struct UpgradeTask {",
            "/// Task {",
        ]
    )
    func checkerPasses(line: String) {
        #expect(UnstructuredTasks.violations(in: SourceTree("Sources/Delivery/A.swift", line)).isEmpty)
    }
}
