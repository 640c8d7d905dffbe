"""耐心资本:政府投资基金的条款、现金流、分配与容亏。

条款对照按日期生效的规则;看全生命周期而不是单个项目或单一年份;投资期内的收益率不作评价;
亏损比例是信息,不是处罚。未经核实的规则只提示人工审核,不作结论。

Patient capital: terms, cash flows, distribution and loss tolerance of government guidance funds.

Terms are held against dated rules; a fund is judged over its whole life, never by one project or one year; returns
while still investing are not assessed; a loss share is information, not a penalty.  Unverified rules ask for a person,
they never decide.

Rooms: ``model``, ``lifecycle``, ``decisions``, ``report``, ``parameters``, ``cli``.
"""
