"""竞争性探索基金:多条路线并行,按里程碑证据继续、调整、暂停或停止。

看清各路线与团队的后验判断及其来自何处;给出本轮资助建议、理由、改变建议所需的条件;
在与模型不同的世界里比较各种规则;核对过去预测的校准。建议不是决定:不同于建议的决定要写明理由。

The competitive exploration fund: several routes in parallel; continue, adjust, pause or stop on milestone evidence.

See what is believed of each route and team and where it comes from; get this round's advice with its reasons and what
would change it; compare rules in worlds that differ from the model; check past forecasts.  Advice is not a decision:
a decision that departs from it states its reason.

Rooms: ``model``, ``lifecycle``, ``decisions``, ``report``, ``parameters``, ``cli``.
"""
