"""What codes are called in both languages."""

from __future__ import annotations

from biaochi.core.text import Text

ZONE_NAMES = {
    "above": Text("线上", "above the line"),
    "lottery": Text("抽签区", "lottery zone"),
    "below": Text("线下", "below the line"),
}
OUTCOME_NAMES = {
    "complete": Text("齐全", "complete"),
    "incomplete": Text("不齐", "incomplete"),
    "contradicted": Text("与记录矛盾", "contradicted"),
}
DUTY_NAMES = {
    "interests_declared": Text("申报利益关系", "interests declared"),
    "alternatives_recorded": Text("记录备选方案", "alternatives recorded"),
    "forecast_recorded": Text("记录当时的预测", "forecast recorded"),
    "evidence_before_decision": Text("证据先于决定", "evidence before decision"),
    "tests_preregistered": Text("测试事先登记", "tests registered beforehand"),
    "verifier_independent": Text("第三方检验", "verified by a third party"),
    "supervised_on_time": Text("按期考核", "supervised on time"),
    "paid_on_pass": Text("达到才付款", "paid on a pass only"),
    "approver_differs": Text("经办与审批分离", "approver differs from creator"),
    "cause_stated": Text("停止原因与证据", "cause of the stop stated"),
    "no_illicit_gain": Text("未谋取私利", "no illicit gain"),
    "records_intact": Text("记录完整", "records intact"),
}
STAGE_NAMES = {
    "detailed_design": Text("详细设计", "detailed design"),
    "laboratory_principle": Text("实验室原理样机", "laboratory prototype of the principle"),
    "key_component": Text("关键部件", "key component"),
    "model_prototype": Text("样机", "prototype"),
    "accepted_after_trial": Text("试用验收", "accepted after trial"),
}
