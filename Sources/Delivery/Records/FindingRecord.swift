import KubeModel

/// The worst findings of an application, as its object has them: for `kubectl`, and for replicas that do not deliver it.
enum FindingRecord {
    /// The object stays small, however much is wrong.
    private static let limit = 20
    private static let longestMessage = 500

    /// - Returns: `nil` when there are none. Without times, which change while nothing else does.
    static func json(_ findings: [Finding]) -> JSON? {
        guard !findings.isEmpty else { return nil }
        let worst = [Finding.Severity.error, .warning, .info].flatMap { severity in
            findings.filter { $0.severity == severity }
        }
        return .array(worst.prefix(limit).map(json))
    }

    private static func json(_ finding: Finding) -> JSON {
        var json: JSON = [
            "severity": .string(finding.severity.rawValue), "code": .string(finding.code.rawValue),
            "message": .string(String(finding.message.prefix(longestMessage))),
        ]
        json["origin"] = finding.origin.map { .string($0) }
        json["object"] = finding.object.map { .string($0) }
        json["field"] = finding.field.map { .string($0) }
        return json
    }

    /// - Parameter since: When the application became as it is.
    static func findings(_ json: JSON?, since: Double) -> [Finding] {
        (json?.array ?? []).compactMap { json in
            guard let severity = json["severity"]?.string.flatMap(Finding.Severity.init),
                let code = json["code"]?.string.flatMap(Finding.Code.init)
            else { return nil }
            return Finding(
                severity: severity,
                code: code,
                message: json["message"]?.string ?? "",
                origin: json["origin"]?.string,
                object: json["object"]?.string,
                field: json["field"]?.string,
                since: since
            )
        }
    }
}
