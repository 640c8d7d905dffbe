"""揭榜挂帅:发榜、密封投标、回避与盲评、揭榜、里程碑、尽职免责材料。

任务只写功能指标;标书在截止前无人能读;评审先申报利益关系再阅卷;分不出高下的由可核验的抽签决定;
至少两条路线并行,否则写明理由;测试在开始前登记,由独立第三方检验;停止要写明原因与证据。免责的是人,不是档案。

Open-bid challenges: posting, sealed bids, declared interests and blind review, award, milestones, the exemption file.

Tasks state functional indicators only; nobody reads a bid before the deadline; reviewers declare interests before they
read; what scores cannot tell apart is drawn by a lottery anyone can check; at least two routes run or a reason is
given; tests are registered before a stage and verified by a third party; a stop names its cause and evidence.
The exemption is for people, not for the file.

Rooms: ``model``, ``lifecycle``, ``decisions``, ``report``, ``parameters``, ``cli``.
"""
