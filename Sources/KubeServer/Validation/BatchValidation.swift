import Foundation
import KubeModel

/// Rules for Jobs and CronJobs.
enum BatchValidation {
    static func job(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors = generatedSelector(object)
        errors += jobSpec(spec, FieldPath("spec"))
        errors += Rules.selector(spec["selector"], FieldPath("spec")["selector"])
        let labels = spec.at("template", "metadata", "labels") ?? [:]
        if spec["selector"] == nil {
            errors.append(.required(FieldPath("spec")["selector"]))
        } else if !LabelSelection.matches(spec["selector"], labels) {
            errors.append(
                .invalid(
                    FieldPath("spec", "template", "metadata", "labels"),
                    labels,
                    WorkloadValidation.mismatch
                )
            )
        }
        return errors
    }

    /// A job that does not choose its pods itself has the selector that was made for it.
    private static func generatedSelector(_ object: KubeObject) -> [FieldError] {
        guard object.at("spec", "manualSelector")?.bool != true, let selector = object.at("spec", "selector")
        else { return [] }
        let path = FieldPath("spec")
        let metadata = path["template"]["metadata"]
        let labels = object.at("spec", "template", "metadata", "labels")
        var errors: [FieldError] = []
        var expected: JSON = [:]
        for (suffix, value) in [("controller-uid", object.uid), ("job-name", object.name)] {
            for key in [suffix, "batch.kubernetes.io/\(suffix)"] {
                expected[key] = .string(value)
                guard let given = labels?[key] else {
                    errors.append(.required(metadata["labels"].key(key), "must be '\(value)'"))
                    continue
                }
                if given.string != value {
                    let detail = "must be '\(value)'"
                    errors.append(.invalid(metadata["labels"].key(key), labels ?? [:], detail))
                }
            }
        }
        if !LabelSelection.matches(selector, expected) {
            errors.append(.invalid(path["selector"], selector, "`selector` not auto-generated"))
        }
        return errors
    }

    static func jobSpec(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let counts = [
            "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
            "backoffLimitPerIndex", "maxFailedIndexes",
        ]
        var errors = Rules.nonNegative(spec, counts, path)
        if spec["maxFailedIndexes"] != nil, spec["backoffLimitPerIndex"] == nil {
            let detail = "when maxFailedIndexes is specified"
            errors.append(.required(path["backoffLimitPerIndex"], detail))
        }
        errors += completionMode(spec, path)
        let place = path["template"]["spec"]["restartPolicy"]
        let policy = spec.at("template", "spec", "restartPolicy")
        if spec["podFailurePolicy"] != nil {
            errors += failurePolicy(spec, path["podFailurePolicy"])
        }
        errors += PodValidation.template(spec["template"] ?? [:], path["template"])
        switch policy?.string ?? "" {
        case "OnFailure", "Never":
            guard spec["podFailurePolicy"] != nil, let policy, policy != "Never" else { break }
            let detail = "only \"Never\" is supported when podFailurePolicy is specified"
            errors.append(.invalid(place, policy, detail))
        case "", "Always": errors.append(.required(place, "valid values: \"OnFailure\", \"Never\""))
        default: errors.append(.notSupported(place, policy ?? "", ["OnFailure", "Never"]))
        }
        let hasPolicy = spec["podFailurePolicy"] != nil
        return errors
            + Rules.oneOf(
                spec["podReplacementPolicy"],
                hasPolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"],
                path["podReplacementPolicy"]
            )
    }

    private static func completionMode(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        guard let mode = spec["completionMode"] else { return [] }
        guard mode == "Indexed" else {
            var errors = Rules.oneOf(mode, ["NonIndexed", "Indexed"], path["completionMode"])
            guard errors.isEmpty else { return errors }
            for key in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                guard let value = spec[key] else { continue }
                errors.append(.invalid(path[key], value, "requires indexed completion mode"))
            }
            return errors
        }
        var errors: [FieldError] = []
        if spec["completions"] == nil {
            errors.append(.required(path["completions"], "when completion mode is Indexed"))
        }
        if let count = spec["parallelism"]?.int, count > 100_000 {
            let detail = "must be less than or equal to 100000 when completion mode is Indexed"
            errors.append(.invalid(path["parallelism"], .integer(Int64(count)), detail))
        }
        return errors
    }

    private static func failurePolicy(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in spec.at("podFailurePolicy", "rules")?.array?.enumerated().map({ $0 }) ?? [] {
            let place = path["rules"][index]
            let known = ["Count", "FailIndex", "FailJob", "Ignore"]
            if rule.lacks("action") {
                errors.append(
                    .required(
                        place["action"],
                        "valid values: \(known.map(\.goQuoted).joined(separator: ", "))"
                    )
                )
            } else if rule["action"] == "FailIndex", spec["backoffLimitPerIndex"] == nil {
                errors.append(
                    .invalid(
                        place["action"],
                        "FailIndex",
                        "requires the backoffLimitPerIndex to be set"
                    )
                )
            } else {
                errors += Rules.oneOf(rule["action"], known, place["action"])
            }
            let codes = rule["onExitCodes"]
            let conditions = rule.elements(of: "onPodConditions")
            if let codes {
                let spot = place["onExitCodes"]
                errors += Rules.oneOf(codes["operator"] ?? "", ["In", "NotIn"], spot["operator"])
                if codes.elements(of: "values").isEmpty {
                    errors.append(.invalid(spot["values"], [], "at least one value is required"))
                }
                if !conditions.isEmpty {
                    let detail = "specifying both OnExitCodes and OnPodConditions is not supported"
                    errors.append(.invalid(place, rule, detail))
                }
            } else if conditions.isEmpty {
                errors.append(
                    .invalid(place, rule, "specifying one of OnExitCodes and OnPodConditions is required")
                )
            }
        }
        return errors
    }

    static func jobUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        var errors: [FieldError] = []
        let before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        if before["completions"] != after["completions"] {
            // An indexed job may grow and shrink together with its parallelism.
            let mayScale =
                after["completionMode"] == "Indexed" && after["completions"] == after["parallelism"]
                && after["completions"] != nil
            if !mayScale {
                errors.append(.invalid(path["completions"], after["completions"] ?? .null, Rules.immutable))
            }
        }
        if before["selector"] != after["selector"] {
            errors.append(.invalid(path["selector"], after["selector"] ?? .null, Rules.immutable))
        }
        if !isSameTemplate(old, object) {
            errors.append(.invalid(path["template"], after["template"] ?? [:], Rules.immutable))
        }
        for key in [
            "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy",
        ]
        where before[key] != after[key] {
            errors.append(.invalid(path[key], after[key] ?? .null, Rules.immutable))
        }
        return errors
    }

    /// A suspended job that has not started may get another place to run.
    private static func isSameTemplate(_ old: KubeObject, _ object: KubeObject) -> Bool {
        var before = old.at("spec", "template") ?? [:]
        let after = object.at("spec", "template") ?? [:]
        let mayMove = old.at("spec", "suspend")?.bool == true && old.at("status", "startTime") == nil
        if mayMove {
            for key in ["nodeSelector", "affinity", "tolerations", "schedulingGates"] {
                before.set(after.at("spec", key), at: ["spec", key])
            }
            for key in ["labels", "annotations"] {
                before.set(after.at("metadata", key), at: ["metadata", key])
            }
        }
        return before == after
    }

    static func cronJob(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        let schedule = spec["schedule"]?.string ?? ""
        if schedule.isEmpty {
            errors.append(.required(path["schedule"]))
        } else if schedule.contains("TZ") {
            errors.append(
                .invalid(
                    path["schedule"],
                    .string(schedule),
                    "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
                )
            )
        } else if let problem = CronText.problem(in: schedule) {
            errors.append(.invalid(path["schedule"], .string(schedule), problem))
        }
        errors += Rules.nonNegative(spec, "startingDeadlineSeconds", path)
        if let zone = spec["timeZone"]?.string {
            if zone.isEmpty {
                errors.append(.invalid(path["timeZone"], "", "timeZone must be nil or non-empty string"))
            } else if zone.lowercased() == "local" {
                errors.append(
                    .invalid(
                        path["timeZone"],
                        .string(zone),
                        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
                    )
                )
            } else if TimeZone(identifier: zone) == nil {
                errors.append(.invalid(path["timeZone"], .string(zone), "unknown time zone \(zone)"))
            }
        }
        errors += Rules.oneOf(
            spec["concurrencyPolicy"],
            ["Allow", "Forbid", "Replace"],
            path["concurrencyPolicy"]
        )
        errors += jobTemplate(spec["jobTemplate"] ?? [:], path["jobTemplate"])
        errors += Rules.nonNegative(spec, ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"], path)
        let name = object.name
        if name.utf8.count > 52 {
            errors.append(
                .invalid(FieldPath("metadata", "name"), .string(name), "must be no more than 52 characters")
            )
        }
        return errors
    }
}

extension BatchValidation {
    private static func jobTemplate(_ template: JSON, _ path: FieldPath) -> [FieldError] {
        let spec = template["spec"] ?? [:]
        var errors = jobSpec(spec, path["spec"])
        // The jobs of a CronJob always have the selectors that are made for them.
        if let selector = spec["selector"] {
            let detail = "`selector` will be auto-generated"
            errors.append(.invalid(path["spec"]["selector"], selector, detail))
        }
        if spec["manualSelector"]?.bool == true {
            errors.append(.notSupported(path["spec"]["manualSelector"], true, ["nil", "false"]))
        }
        return errors
    }
}

/// Schedules of five fields, as far as judging them goes.
enum CronText {
    private static let names: [[String]] = [
        [], [], [],
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    ]
    private static let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]

    static func problem(in schedule: String) -> String? {
        if schedule.hasPrefix("@") {
            let words = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]
            if words.contains(schedule) || schedule.hasPrefix("@every ") { return nil }
            return "unrecognized descriptor: \(schedule)"
        }
        let fields = schedule.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5 else {
            return "expected exactly 5 fields, found \(fields.count): [\(fields.joined(separator: " "))]"
        }
        for (index, field) in fields.enumerated() {
            for part in field.split(separator: ",", omittingEmptySubsequences: false) {
                if let problem = problem(in: String(part), index) { return problem }
            }
        }
        return nil
    }

    private static func problem(in part: String, _ index: Int) -> String? {
        let range = ranges[index]
        let halves = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard halves.count <= 2 else { return "too many slashes: \(part)" }
        if halves.count == 2 {
            guard let step = Int(halves[1]) else {
                return "failed to parse int from \(halves[1]): \(syntax(halves[1]))"
            }
            if step <= 0 { return "step of range should be a positive number: \(part)" }
        }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        if ends == ["*"] || ends == ["?"] { return nil }
        guard ends.count <= 2 else { return "too many hyphens: \(part)" }
        var values: [Int] = []
        for end in ends {
            if let value = names[index].firstIndex(of: end.lowercased()) {
                values.append(value + (index == 3 ? 1 : 0))
            } else if let value = Int(end), value >= 0 {
                values.append(value)
            } else {
                return "failed to parse int from \(end): \(syntax(end))"
            }
        }
        if let low = values.first, low < range.lowerBound {
            return "beginning of range (\(low)) below minimum (\(range.lowerBound)): \(part)"
        }
        if let high = values.last, high > range.upperBound {
            return "end of range (\(high)) above maximum (\(range.upperBound)): \(part)"
        }
        if let low = values.first, let high = values.last, low > high {
            return "beginning of range (\(low)) beyond end of range (\(high)): \(part)"
        }
        return nil
    }

    private static func syntax(_ text: String) -> String {
        "strconv.Atoi: parsing \(text.goQuoted): invalid syntax"
    }
}
