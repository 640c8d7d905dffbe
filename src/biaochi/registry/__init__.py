"""The stored facts all mechanisms share: people, organisations, places, documents, decisions and the ledger.

所有机制共享的存储事实：人员、单位、地区、文件、决定与台账。
"""
