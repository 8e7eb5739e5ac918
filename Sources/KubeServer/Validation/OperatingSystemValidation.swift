import KubeModel

/// Rules for pods that say for which operating system they are.
enum OperatingSystemValidation {
    private static let lists = ["initContainers", "containers", "ephemeralContainers"]

    static func pod(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        switch spec.at("os", "name")?.string ?? "" {
        case "linux": linux(spec, path)
        case "windows": windows(spec, path)
        default: []
        }
    }

    private static func linux(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let detail = "windows options cannot be set for a linux pod"
        var errors: [FieldError] = []
        if spec.at("securityContext", "windowsOptions") != nil {
            errors.append(.forbidden(path["securityContext"]["windowsOptions"], detail))
        }
        each(spec, path) { context, place in
            if context["windowsOptions"] != nil {
                errors.append(.forbidden(place["windowsOptions"], detail))
            }
        }
        return errors
    }

    private static func windows(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let detail = "cannot be set for a windows pod"
        var errors: [FieldError] = []
        func refuse(_ object: JSON, _ keys: [String], _ place: FieldPath) {
            for key in keys where object[key] != nil && object[key] != false {
                errors.append(.forbidden(place[key], detail))
            }
        }
        let context = spec["securityContext"] ?? [:]
        let place = path["securityContext"]
        refuse(context, ["appArmorProfile", "seLinuxOptions"], place)
        if spec["hostUsers"] != nil { errors.append(.forbidden(path["hostUsers"], detail)) }
        refuse(spec, ["hostPID", "hostIPC"], path)
        refuse(context, ["seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"], place)
        if spec["shareProcessNamespace"] != nil {
            errors.append(.forbidden(path["shareProcessNamespace"], detail))
        }
        let others = [
            "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy",
            "seLinuxChangePolicy",
        ]
        refuse(context, others, place)
        each(spec, path) { context, place in
            for key in [
                "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
                "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser",
                "runAsGroup",
            ] where context[key] != nil {
                errors.append(.forbidden(place[key], detail))
            }
        }
        return errors
    }

    private static func each(_ spec: JSON, _ path: FieldPath, _ visit: (JSON, FieldPath) -> Void) {
        for list in lists {
            for (index, container) in spec.elements(of: list).enumerated() {
                guard let context = container["securityContext"] else { continue }
                visit(context, path[list][index]["securityContext"])
            }
        }
    }
}
