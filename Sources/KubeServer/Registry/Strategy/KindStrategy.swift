import KubeModel

/// What a kind does with an object on its way into the store, beside what all kinds do.
///
/// Plain functions over values: no I/O, no clock. The verbs of ``ResourceRegistry`` call them in the order of the fields.
struct KindStrategy: Sendable {
    /// When `metadata.generation` moves.
    enum Generation: Sendable {
        /// Never; what a client says is kept.
        case untracked
        /// With every change outside of metadata and status.
        case content
        /// Also with annotations, as Deployments do.
        case contentAndAnnotations
    }

    /// What DELETE answers with when the object is gone at once.
    enum DeleteAnswer: Sendable { case status, object }

    /// Whether a client may give a new object its status.
    enum NewStatus: Sendable { case reset, kept }

    /// Whether PUT may go without a resource version, and whether it may create.
    enum Update: Sendable { case unconditional, needsVersion }
    enum Creation: Sendable { case byPost, alsoByPut }

    /// What becomes of the objects that an object owns, if the client does not say.
    enum Dependents: Sendable { case deleted, orphaned }

    var names = NameRule.subdomain
    var dependents = Dependents.deleted
    var generation = Generation.untracked
    var deleteAnswer = DeleteAnswer.status
    var update = Update.unconditional
    var creation = Creation.byPost
    var newStatus = NewStatus.reset

    /// Fills in what the client left out; for new objects, and for changed ones.
    var defaults: @Sendable (inout JSON) -> Void = { _ in }
    /// What a status subresource keeps from clients of the main resource; `nil` for kinds without one.
    var initialStatus: JSON?
    /// Further preparation of a new object, with its name, uid and times in place.
    var prepareForCreate: @Sendable (inout KubeObject) -> Void = { _ in }
    /// Further preparation of a changed object (new, old).
    var prepareForUpdate: @Sendable (inout KubeObject, KubeObject) -> Void = { _, _ in }
    /// Completes a status that a client sent (new, old), before it is noted whose its fields are.
    var completeStatus: @Sendable (inout KubeObject, KubeObject) -> Void = { _, _ in }
    /// Preparation of a changed status (new, old).
    var prepareForStatusUpdate: @Sendable (inout KubeObject, KubeObject) -> Void = { _, _ in }
    var validate: @Sendable (KubeObject) -> [FieldError] = { _ in [] }
    /// What holds besides for an object that is new.
    var validateNew: @Sendable (KubeObject) -> [FieldError] = { _ in [] }
    var validateUpdate: @Sendable (KubeObject, KubeObject) -> [FieldError] = { _, _ in [] }
    /// Of an update of the status subresource (new, old).
    var validateStatus: @Sendable (KubeObject, KubeObject) -> [FieldError] = { _, _ in [] }
    /// Whether an update runs ``validate`` as well as ``validateUpdate``.
    var revalidatesOnUpdate = true
    var warnings: @Sendable (KubeObject) -> [String] = { _ in [] }
}
