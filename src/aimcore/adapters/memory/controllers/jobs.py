"""Jobs in memory: pods one after another until one succeeds, a rule of podFailurePolicy ends it, or there were too many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aimcore.adapters.memory.controllers.podstatus import condition, rfc3339
from aimcore.adapters.memory.controllers.work import Work, address_of, is_finished, is_leaving
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["step_jobs"]

FIRST_BACK_OFF: Final = 10
LONGEST_BACK_OFF: Final = 600
REFUSED_AGAIN_AFTER: Final = 60


def step_jobs(work: Work) -> None:
    """Every Job comes one step nearer to its end."""
    for job in work.living("Job"):
        if not is_leaving(job) and not _finished_at(job):
            _step(work, job)
        elif not is_leaving(job):
            _outlive(work, job)


def _step(work: Work, job: Manifest) -> None:
    spec, pods = job["spec"], work.of(job, "Pod")
    active = [pod for pod in pods if not is_finished(pod) and not is_leaving(pod)]
    succeeded = [pod for pod in pods if pod.get("status", {}).get("phase") == "Succeeded"]
    failed = [pod for pod in pods if pod.get("status", {}).get("phase") == "Failed" and not _ignored(job, pod)]
    began = (job.get("status") or {}).get("startTime") or rfc3339(work.now)
    verdict = _verdict(work, job, succeeded=succeeded, failed=failed, began=began)
    if verdict is None and not spec.get("suspend") and not active:
        _next(work, job, failed)
        active = [pod for pod in work.of(job, "Pod") if not is_finished(pod) and not is_leaving(pod)]
    if verdict is not None or spec.get("suspend"):
        for pod in active:
            work.delete(pod)
        active = []
    counts = {"active": len(active), "succeeded": len(succeeded), "failed": len(failed)}
    status: dict[str, Any] = {**{name: count for name, count in counts.items() if count}, "startTime": began}
    if spec.get("suspend"):
        del status["startTime"]
        status["conditions"] = [condition("Suspended", "True", "JobSuspended", "Job suspended")]
    elif verdict is not None:
        first, last, reason, message = verdict
        status["conditions"] = [condition(one, "True", reason, message) for one in (first, last)]
        status |= {"completionTime": rfc3339(work.now)} if last == "Complete" else {}
    live = work.live(job)
    if live is not None:
        work.write_status(live, status)


def _verdict(
    work: Work, job: Manifest, *, succeeded: list[Manifest], failed: list[Manifest], began: str
) -> tuple[str, str, str, str] | None:
    """How the Job ended: the two conditions that say so, with reason and message."""
    spec = job["spec"]
    if succeeded:
        return "SuccessCriteriaMet", "Complete", "CompletionsReached", "Reached expected number of succeeded pods"
    for pod in failed:
        matched = _failing_rule(job, pod)
        if matched is not None:
            place, code = matched
            metadata, container = pod["metadata"], pod["spec"]["containers"][0]["name"]
            text = (
                f"Container {container} for pod {metadata['namespace']}/{metadata['name']} failed with exit code {code} "
                f"matching FailJob rule at index {place}"
            )
            return "FailureTarget", "Failed", "PodFailurePolicy", text
    limit = spec.get("backoffLimit")
    if len(failed) > (6 if limit is None else limit):
        return "FailureTarget", "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not spec.get("suspend") and work.now - _seconds(began) >= deadline:
        return "FailureTarget", "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
    return None


def _failing_rule(job: Manifest, pod: Manifest) -> tuple[int, int] | None:
    """The place of the rule that fails the Job for this pod's exit code, and the code."""
    codes = [code for one in pod["status"].get("containerStatuses", ()) if (code := _exit_code(one)) is not None]
    for place, rule in enumerate(_rules(job)):
        wanted = (rule.get("onExitCodes") or {}).get("values", ())
        if rule.get("action") == "FailJob" and codes and codes[0] in wanted:
            return place, codes[0]
    return None


def _exit_code(container: Mapping[str, Any]) -> int | None:
    ended: Mapping[str, Any] = (container.get("state") or {}).get("terminated") or {}
    return ended.get("exitCode")


def _ignored(job: Manifest, pod: Manifest) -> bool:
    """Whether a rule says that a pod that ended like this one does not count."""
    true = {one["type"] for one in pod["status"].get("conditions", ()) if one["status"] == "True"}
    return any(
        rule.get("action") == "Ignore" and any(one["type"] in true for one in rule.get("onPodConditions") or ())
        for rule in _rules(job)
    )


def _rules(job: Manifest) -> list[Mapping[str, Any]]:
    rules: list[Mapping[str, Any]] = (job["spec"].get("podFailurePolicy") or {}).get("rules", [])
    return rules


def _next(work: Work, job: Manifest, failed: list[Manifest]) -> None:
    """The next pod, when the pause after the failures is over and the server lets it in."""
    uid = job["metadata"]["uid"]
    last = max((_ended(pod) for pod in failed), default=None)
    pause = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** max(0, len(failed) - 1))
    if last is not None and work.now < last + pause:
        return
    tried, next_at, _ = work.tries.get(uid, (0, work.now, {}))
    if work.now < next_at:
        return
    refusal = work.script.refusal(address_of(job))
    if refusal is not None:
        work.tries[uid] = tried + 1, work.now + REFUSED_AGAIN_AFTER, {}
        work.tell(
            job, "FailedCreate", f'Error creating: pods "{job["metadata"]["name"]}-xxxxx" is forbidden: {refusal}'
        )
        return
    work.tries.pop(uid, None)
    template = job["spec"]["template"]
    about = template.get("metadata") or {}
    name = job["metadata"]["name"]
    labels = {**(about.get("labels") or {}), "job-name": name, "batch.kubernetes.io/job-name": name}
    work.make_pod(job, {**template, "metadata": {**about, "labels": labels}}, address_of(job))


def _ended(pod: Manifest) -> int:
    ends = [
        _seconds(ended["finishedAt"])
        for one in pod["status"].get("containerStatuses", ())
        if (ended := (one.get("state") or {}).get("terminated"))
    ]
    return max(ends, default=0)


def _finished_at(job: Manifest) -> int:
    """When the Job ended; 0 while it has not."""
    conditions = (job.get("status") or {}).get("conditions", ())
    ended = (one for one in conditions if one["type"] in ("Complete", "Failed") and one["status"] == "True")
    return next((_seconds(one["lastTransitionTime"]) for one in ended), 0)


def _outlive(work: Work, job: Manifest) -> None:
    """A finished Job goes, and its pods with it, when the time is over that it is kept for."""
    kept = job["spec"].get("ttlSecondsAfterFinished")
    if kept is not None and work.now >= _finished_at(job) + kept:
        work.delete(job)


def _seconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp())
